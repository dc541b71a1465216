"""Trying a read again: 1 s, 2 s, 4 s … with jitter, inside the call's deadline, never inside a worker."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TypeVar, cast

from tenacity import Future, RetryCallState, Retrying, retry_if_exception

from plex_mcp.errors import Busy, ToolError, UpstreamError
from plex_mcp.settings import Settings

_T = TypeVar("_T")


def backoff_s(failures: int, settings: Settings, draw: Callable[[], float] = random.random) -> float:
    """Seconds to pause after this many failures in a row: doubled each time up to `RETRY_MAX`, of which the last
    quarter is drawn by lot, so that replicas do not come back in step."""
    whole_s: float = min(settings.retry_max_s, settings.retry_initial_s * 2 ** min(failures - 1, 30))
    return whole_s * (0.75 + 0.25 * draw())


def retried(
    attempt: Callable[[], _T],
    settings: Settings,
    *,
    deadline: float,
    monotonic: Callable[[], float],
    sleep: Callable[[float], None],
    draw: Callable[[], float],
    on_failure: Callable[[ToolError, int, float], None],
    give_up: Callable[[], bool],
) -> _T:
    """Call `attempt` until it returns, fails for good, `RETRY_ATTEMPTS` are spent, or the next pause would pass
    `deadline` (monotonic). `on_failure` hears of each failure that is tried again: error, number of the try, pause (s).
    No pause is shorter than Plex asked for (the error's `pause_s`).
    A further try that never had its turn says less than the failure before it: that one is raised.
    """
    told: list[ToolError] = []

    def pause_s(state: RetryCallState) -> float:
        failure = _failure(state)
        asked_s = failure.pause_s if isinstance(failure, UpstreamError) else 0.0
        return max(backoff_s(state.attempt_number, settings, draw), asked_s)

    def stop(state: RetryCallState) -> bool:
        if state.attempt_number >= settings.retry_attempts or give_up():
            return True
        return monotonic() + state.upcoming_sleep >= deadline

    def report(state: RetryCallState) -> None:
        failure = _failure(state)
        told.append(failure)
        on_failure(failure, state.attempt_number, state.upcoming_sleep)

    retrying = Retrying(
        stop=stop,
        wait=pause_s,
        retry=retry_if_exception(lambda error: isinstance(error, ToolError) and error.retryable),
        before_sleep=report,
        sleep=sleep,
        reraise=True,
    )
    try:
        return retrying(attempt)
    except Busy:
        if told:
            raise told[-1] from None
        raise


def _failure(state: RetryCallState) -> ToolError:
    """The failure of the try before: nothing else is tried again."""
    return cast(ToolError, cast(Future, state.outcome).exception())
