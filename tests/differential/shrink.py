"""Makes a failing stream small: leaves out what is not needed (delta debugging), then shortens what is left."""

import time
from dataclasses import replace

from steps import Listen, Send


def shrink(steps, fails, seconds):
    """The smallest list of steps found for which fails(steps) is true. `fails` runs them on fresh servers."""
    deadline = time.monotonic() + seconds
    steps = _leave_out(list(steps), fails, deadline)
    single = [part for step in steps for part in _split(step)]
    if len(single) != len(steps) and fails(single):
        steps = _leave_out(single, fails, deadline)
    return _shorten_words(steps, fails, deadline)


def _split(step):
    if isinstance(step, (Send, Listen)) and len(step.commands) > 1:
        return [type(step)(step.connection, (command,)) for command in step.commands]
    return [step]


def _with(step, commands):
    return Send(step.connection, commands) if isinstance(step, Send) else replace(step, commands=commands)


def _leave_out(steps, fails, deadline):
    size = max(1, len(steps) // 2)
    while size and time.monotonic() < deadline:
        start = 0
        left_out = False
        while start < len(steps) and time.monotonic() < deadline:
            candidate = steps[:start] + steps[start + size :]
            if candidate and fails(candidate):
                steps = candidate
                left_out = True
            else:
                start += size
        if size > 1 or not left_out:
            size //= 2
    # Commands of one step.
    index = 0
    while index < len(steps) and time.monotonic() < deadline:
        step = steps[index]
        if isinstance(step, (Send, Listen)) and len(step.commands) > 1:
            for count in range(len(step.commands)):
                commands = step.commands[:count] + step.commands[count + 1 :]
                candidate = steps[:index] + [_with(step, commands)] + steps[index + 1 :]
                if fails(candidate):
                    steps = candidate
                    break
            else:
                index += 1
        else:
            index += 1
    return steps


def _shorten_words(steps, fails, deadline):
    for index, step in enumerate(steps):
        if not isinstance(step, (Send, Listen)):
            continue
        for number, command in enumerate(step.commands):
            position = len(command.words) - 1
            while position > 0 and time.monotonic() < deadline:
                command = steps[index].commands[number]
                without = command.words[:position] + command.words[position + 1 :]
                variants = [replace(command, words=without)]
                if isinstance(command.words[position], bytes) and len(command.words[position]) > 8:
                    variants.append(replace(command, words=without[:position] + (b"v",) + without[position:]))
                if command.inline:
                    variants.append(replace(command, inline=False))
                for variant in variants:
                    commands = steps[index].commands[:number] + (variant,) + steps[index].commands[number + 1 :]
                    candidate = steps[:index] + [_with(steps[index], commands)] + steps[index + 1 :]
                    if fails(candidate):
                        steps = candidate
                        break
                position -= 1
                position = min(position, len(steps[index].commands[number].words) - 1)
    return steps
