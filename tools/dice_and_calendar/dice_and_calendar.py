"""Rolls dice and answers questions about dates: one JSON object in, one out."""
import datetime
import json
import re
import secrets
import sys

DICE = re.compile(r"^\s*(\d{0,3})\s*[dD]\s*(\d{1,4})\s*([+-]\s*\d{1,4})?\s*$")


def roll_dice(arguments, today):
    match = DICE.match(arguments["dice"])
    if not match:
        return {"error": "Dice are written like 2d6+1."}
    count, sides = int(match.group(1) or 1), int(match.group(2))
    added = int((match.group(3) or "0").replace(" ", ""))
    if not 1 <= count <= 100 or not 2 <= sides <= 1000:
        return {"error": "1 to 100 dice of 2 to 1000 sides can be rolled."}
    rolls = [secrets.randbelow(sides) + 1 for _ in range(count)]
    text = f"{count}d{sides}: {', '.join(map(str, rolls))}"
    if added:
        text += f" ({added:+d})"
    if count > 1 or added:
        text += f" = {sum(rolls) + added}"
    return {"text": text}


def calendar(arguments, today):
    date = datetime.date.fromisoformat(arguments.get("date") or today)
    week = date.isocalendar()
    lines = [
        f"{date} is a {date:%A}, day {date.timetuple().tm_yday} of the year, week {week[1]} of {week[0]} (ISO 8601).",
    ]
    if str(date) != today:
        lines.append(f"Seen from today, {today}: {_distance((date - datetime.date.fromisoformat(today)).days)}.")
    if "until" in arguments:
        until = datetime.date.fromisoformat(arguments["until"])
        lines.append(f"{until} is a {until:%A}, {_distance((until - date).days, 'that date')}.")
    if "days" in arguments:
        later = date + datetime.timedelta(days=int(arguments["days"]))
        lines.append(f"{int(arguments['days']):+d} days: {later}, a {later:%A}.")
    return {"text": "\n".join(lines)}


def _distance(days, origin="now"):
    if days == 0:
        return "the same day"
    count = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    if origin == "now":
        return f"in {count}" if days > 0 else f"{count} ago"
    return f"{count} {'after' if days > 0 else 'before'} {origin}"


def main():
    call = json.load(sys.stdin)
    tools = {"roll_dice": roll_dice, "calendar": calendar}
    try:
        answer = tools[call["tool"]](call["arguments"], call["today"])
    except (ValueError, OverflowError):
        answer = {"error": "Dates are written YYYY-MM-DD, days as a whole number, between the years 1 and 9999."}
    json.dump(answer, sys.stdout)


main()
