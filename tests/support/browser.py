"""A headless Chromium that tests steer by its DevTools protocol, over two pipes: no port, no package.

https://chromedevtools.github.io/devtools-protocol/ : JSON messages, each with a zero byte at its end.
"""

import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium")
OPTIONS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *("--no-proxy-server", "--hide-scrollbars", "--remote-debugging-pipe"),
)
PATIENCE_S = 60
KEYS = {"+": 187, "-": 189, "Escape": 27, "Home": 36, "End": 35, "Enter": 13, "Tab": 9} | {
    f"Arrow{side}": 37 + i for i, side in enumerate(("Left", "Up", "Right", "Down"))
}

Message = dict[str, Any]


class Browser:
    """One process. `page` opens another page in it."""

    def __init__(self, send: int, receive: int) -> None:
        self._send, self._receive = send, receive
        self._rest = b""
        self._last = 0
        self.said: list[Message] = []

    def ask(self, method: str, session: str | None = None, **parameters: Any) -> Message:
        """The result of one call. Raises `RuntimeError` with what the browser says against it."""
        self._last += 1
        asked = {"id": self._last, "method": method, "params": parameters}
        os.write(self._send, json.dumps(asked | ({"sessionId": session} if session else {})).encode() + b"\0")
        answer = self._until(lambda message: message.get("id") == asked["id"])
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        result: Message = answer["result"]
        return result

    def _until(self, fits: Callable[[Message], bool]) -> Message:
        while True:
            message = self._next()
            if fits(message):
                return message
            self.said.append(message)

    def _next(self) -> Message:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._receive], [], [], PATIENCE_S)
            if not ready:
                raise TimeoutError("The browser does not answer.")
            self._rest += os.read(self._receive, 1 << 20)
        text, _, self._rest = self._rest.partition(b"\0")
        message: Message = json.loads(text)
        return message

    def page(self, width: int = 1280, height: int = 800, **features: str) -> "Page":
        """A new page; `features` are media features, such as `prefers_color_scheme="dark"`."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, target, session)
        for domain in ("Page", "Runtime", "Network", "Log"):
            page.ask(f"{domain}.enable")
        page.sized(width, height)
        media = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        page.ask("Emulation.setEmulatedMedia", features=media)
        return page


class Page:
    """One page: where it goes, what is done in it, what it shows and says."""

    def __init__(self, browser: Browser, target: str, session: str) -> None:
        self._browser, self._target, self._session = browser, target, session

    def ask(self, method: str, **parameters: Any) -> Message:
        return self._browser.ask(method, self._session, **parameters)

    def sized(self, width: int, height: int, scale: float = 1, *, phone: bool = False) -> None:
        self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=phone
        )
        self.ask("Emulation.setTouchEmulationEnabled", enabled=phone)

    def before_each(self, script: str) -> None:
        """Run `script` in every document before its own scripts."""
        self.ask("Page.addScriptToEvaluateOnNewDocument", source=script)

    def open(self, url: str) -> None:
        self.ask("Page.navigate", url=url)
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def run(self, expression: str) -> Any:
        """The value of a JavaScript expression; a promise is awaited. Raises `RuntimeError` with what it throws."""
        options = {"awaitPromise": True, "returnByValue": True, "userGesture": True}
        done = self.ask("Runtime.evaluate", expression=expression, **options)
        if "exceptionDetails" in done:
            raise RuntimeError(str(done["exceptionDetails"].get("exception", done["exceptionDetails"])))
        return done["result"].get("value")

    def wait(self, expression: str, patience_s: float = PATIENCE_S) -> None:
        """Until `expression` is true."""
        end = time.monotonic() + patience_s
        while not self._tried(f"Boolean({expression})"):
            if time.monotonic() > end:
                raise AssertionError(f"never true: {expression}\n{self.complaints()}")
            time.sleep(0.02)

    def _tried(self, expression: str) -> Any:
        """A document that goes away takes its answer with it."""
        with suppress(RuntimeError):
            return self.run(expression)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.hold(key)
            self.release(key)

    def hold(self, key: str) -> None:
        text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        self.ask("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **self._key(key), **text)

    def release(self, key: str) -> None:
        self.ask("Input.dispatchKeyEvent", type="keyUp", **self._key(key))

    def _key(self, key: str) -> Message:
        return {"key": key, "windowsVirtualKeyCode": KEYS.get(key, ord(key[0].upper()))}

    def mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        pressed = {"button": "left", "buttons": 1} if kind != "mouseWheel" else {}
        self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, **{**pressed, "clickCount": 1, **more})

    def drag(self, start: tuple[float, float], *stops: tuple[float, float]) -> None:
        self.mouse("mousePressed", *start)
        for stop in stops:
            self.mouse("mouseMoved", *stop)
        self.mouse("mouseReleased", *(stops or (start,))[-1])

    def touch(self, kind: str, *points: tuple[float, float]) -> None:
        listed = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        self.ask("Input.dispatchTouchEvent", type=kind, touchPoints=listed)

    def heard(self, method: str) -> list[Message]:
        """The parameters of every event of this name so far."""
        said = self._browser.said
        return [each["params"] for each in said if each.get("sessionId") == self._session and each["method"] == method]

    def requested(self) -> list[str]:
        return [each["request"]["url"] for each in self.heard("Network.requestWillBeSent")]

    def complaints(self) -> list[str]:
        """Errors of scripts, policies and requests, and what scripts wrote to the console."""
        thrown = [str(each["exceptionDetails"]) for each in self.heard("Runtime.exceptionThrown")]
        logged = [each["entry"]["text"] + str(each["entry"].get("url", "")) for each in self.heard("Log.entryAdded")]
        return thrown + logged + [str(each["args"]) for each in self.heard("Runtime.consoleAPICalled")]

    def picture(self, path: Path, *, whole: bool = False) -> Path:
        data = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        path.write_bytes(b64decode(data))
        return path

    def close(self) -> None:
        self._browser.ask("Target.closeTarget", targetId=self._target)


@contextmanager
def browsing(profile: Path) -> Iterator[Browser]:
    """A browser with an empty profile, ended when it is left. It reads from its file 3 and writes to its file 4."""
    reads, ours, answers, writes = map(_high, (*os.pipe(), *os.pipe()))
    become = f'exec "$0" "$@" 3<&{reads} 4>&{writes}'
    command = ["bash", "-c", become, str(CHROMIUM), *OPTIONS, f"--user-data-dir={profile}", "about:blank"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, pass_fds=(reads, writes), stdin=quiet, stdout=quiet, stderr=quiet) as process:
        os.close(reads)
        os.close(writes)
        try:
            yield Browser(ours, answers)
        finally:
            process.terminate()
            os.close(ours)
            os.close(answers)


def _high(number: int) -> int:
    """The same file under a number that is neither 3 nor 4."""
    copy = fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 20)
    os.close(number)
    return copy
