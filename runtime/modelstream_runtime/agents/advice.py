"""What the states of the journal mean to an agent, and what it should do next."""

from __future__ import annotations

from typing import Final, NamedTuple

from modelstream_runtime.journal.states import State


class Advice(NamedTuple):
    """What a state means to an agent.

    Attributes:
        state: what the result of a tool calls it.
        next: what to do now. It may name ``{take}``, the number of another purchase on purpose, and ``{resolve}``, the
            command with which a person ends a doubt.
        is_error: whether there is no video, and none to wait for.
    """

    state: str
    next: str
    is_error: bool = False


ADVICE: Final[dict[State, Advice]] = {
    "ready": Advice(
        "not_sent",
        "Nothing was bought or charged. Once the cause in gateway_message is gone, make the same submit call again, "
        "with the same tool and arguments.",
        is_error=True,
    ),
    "sending": Advice(
        "sending",
        "Another call is sending this request at this moment. Make the same submit call again, with the same tool and "
        "arguments, to learn what became of it; it is not bought twice.",
    ),
    "in doubt": Advice(
        "in_doubt",
        "STOP: do not submit this video again, neither with another take nor with other params. The response was lost, "
        "so the gateway may have charged it. Tell the person to look for it in the task list of their account on the "
        "gateway's site, and to run: {resolve} --task ID, if it is there (wait_video with that id saves it), or else: "
        "{resolve} --not-bought",
        is_error=True,
    ),
    "submitted": Advice(
        "submitted",
        "It is bought, and being made. Call wait_video with this task_id until the state is saved. Do not submit it "
        "again.",
    ),
    "finished": Advice(
        "submitted", "It is bought, and made. Call wait_video with this task_id to save it. Do not submit it again."
    ),
    "saved": Advice(
        "saved",
        "The video is at path. Only if the person wants another video from the same params, submit them with take "
        "{take}.",
    ),
    "unfetched": Advice(
        "submitted",
        "It is bought and made, but could not be downloaded. Call wait_video with this task_id again; that is free. Do "
        "not submit it again.",
        is_error=True,
    ),
    "failed": Advice(
        "failed",
        "The task ended without a video, and may have been charged. Tell the person why. Submit again only if the "
        "person wants to pay for another try: with other params, or the same with take {take}.",
        is_error=True,
    ),
    "refused": Advice(
        "refused",
        "The gateway rejected the request and charged nothing. Change what gateway_message complains about, then "
        "submit it.",
        is_error=True,
    ),
    "cancelled": Advice(
        "not_sent", "A person took this purchase back before it was sent. Ask the person before you go on.", True
    ),
    "abandoned": Advice(
        "in_doubt",
        "Nobody knows whether it was bought, and a person gave it up. Submit it again, with take {take}, only if the "
        "person wants to pay for another try.",
        is_error=True,
    ),
}
