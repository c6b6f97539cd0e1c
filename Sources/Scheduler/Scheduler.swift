// Which runs are due, and the night that runs them: the overview of the room.
//
// CivilCalendar   civil days, weekdays and wall-clock times in the node's zone
// Night           plans the runs of one civil day, and runs them several at once
// NightEvent      what a night tells while it goes on; NightSummary: what it came to
