// Which runs are due, and the night that runs them: the overview of the room.
//
// Calendar/
//   ZoneDirectory    the system's time zone data; ZoneFile and ZoneFooter read it, ZoneRules answers
//   CivilCalendar    civil days, weekdays and wall-clock times in the node's zone; TimeOfDay
//   CronExpression   what an expression means; CronFields reads it, CronSearch finds its next occurrence
//   CalendarError    why the calendar cannot tell
// Night              plans the runs of one civil day, and runs them several at once
// NightEvent         what a night tells while it goes on; NightSummary: what it came to
//
// The rules are explained in docs/scheduling.md.
