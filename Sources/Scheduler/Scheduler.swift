// Which runs are due, and the night that runs them: the overview of the room.
//
// Calendar/
//   ZoneDirectory    the system's time zone data; ZoneFile and ZoneFooter read it, ZoneRules answers
//   CivilCalendar    civil days, weekdays and wall-clock times in the node's zone; TimeOfDay
//   ZoneDays         civil days of every zone, for laws of midnight
//   CronExpression   what an expression means; CronFields reads it, CronSearch finds its next occurrence
//   CalendarError    why the calendar cannot tell
// Night              plans the runs of one civil day, and runs them several at once
// NightEvent         what a night tells while it goes on; NightSummary: what it came to
// Daemon/
//   NightSchedule    when nights are due, and what to do about those whose time has come
//   Daemon           the loop: one owner of the home; DaemonDoubt: when it changes nothing (ClockWatch, zone data)
//   DaemonMidnight   the laws of midnight, asked at the first instant of each civil day
//   DaemonEntrance   how it comes to its home, again after each change of the settings
//   DaemonEvent      what it tells while it works
//   ServiceNotifier  readiness and signs of life for the service manager
//
// The rules are explained in docs/scheduling.md.
