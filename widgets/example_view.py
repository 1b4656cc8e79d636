"""What a journey is: a few sentences and one made-up journey, drawn as touchpoints along a line."""

from __future__ import annotations

import traitlets

from widgets.view import View, script

#: stage, touchpoint, channel and seconds since the step before, as keys of `widgets.example.*`
STEPS = (
    ("choosing", "search", "site", 0),
    ("choosing", "product", "site", 3 * 60),
    ("buying", "cart", "app", 13 * 3600),
    ("buying", "payment", "app", 4 * 60),
    ("using", "delivery", "post", 2 * 86400),
    ("using", "call", "phone", 5 * 86400),
)


class ExampleView(View):
    """`speak(t)` writes it in a language."""

    _esm = script("example")
    sentences = traitlets.List(traitlets.Unicode()).tag(sync=True)
    caption = traitlets.Unicode().tag(sync=True)
    stages = traitlets.List(traitlets.Dict()).tag(sync=True)  # name, steps: touchpoint, channel, when

    def speak(self, t) -> None:
        found: dict[str, list[dict[str, str]]] = {}
        for stage, touchpoint, channel, later in STEPS:
            step = {
                "touchpoint": t(f"widgets.example.touchpoint.{touchpoint}"),
                "channel": t(f"widgets.example.channel.{channel}"),
                "when": t("widgets.example.later", later=later) if later else t("widgets.example.first"),
            }
            found.setdefault(stage, []).append(step)
        with self.hold_sync():
            self.labels = {"title": t("widgets.example.title")}
            self.sentences = [t(f"widgets.example.sentence.{i}") for i in range(1, 5)]
            self.caption = t("widgets.example.caption")
            self.stages = [{"name": t(f"widgets.example.stage.{name}"), "steps": steps} for name, steps in found.items()]
