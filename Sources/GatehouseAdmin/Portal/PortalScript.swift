import GatehouseWeb

extension InlineScript {
    /// What the pages of the portal do by themselves; all of it can be done without.
    ///
    /// Texts that are to be copied get a button, addresses are judged while they are typed, pages are
    /// shown in the colours that are typed, events are
    /// looked for every five seconds where they are watched, and the finish line of an application
    /// looks every two seconds, for ten minutes, whether somebody signed in.
    static let portal = InlineScript(
        """
        (() => {
          for (const code of document.querySelectorAll("code.copy")) {
            const button = document.createElement("button");
            button.type = "button";
            button.className = "quiet";
            button.textContent = "Copy";
            button.addEventListener("click", async () => {
              await navigator.clipboard.writeText(code.textContent);
              button.textContent = "Copied";
            });
            (code.closest("pre") ?? code).after(button);
          }
          for (const check of document.querySelectorAll("[data-check]")) {
            const field = check.parentElement.querySelector("textarea");
            let wait;
            field.addEventListener("input", () => {
              clearTimeout(wait);
              wait = setTimeout(async () => {
                const lines = field.value.split("\\n").map((line) => line.trim()).filter(Boolean);
                const found = [];
                for (const line of lines.slice(0, 5)) {
                  const answer = await fetch(check.dataset.check + encodeURIComponent(line));
                  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
                  for (const row of page.querySelectorAll("main tbody tr")) {
                    const said = (name) =>
                      row.querySelector(`[data-label="${name}"]`)?.textContent.trim() ?? "";
                    const text = document.createElement("p");
                    const severity = row.firstElementChild.textContent.trim();
                    text.className = severity === "failure" ? "wrong" : "hint";
                    text.textContent = `${line}: ${said("Message")} ${said("Advice").replace("–", "")}`;
                    found.push(text);
                  }
                }
                check.replaceChildren(...found);
              }, 400);
            });
          }
          const preview = document.getElementById("preview");
          const saying = preview && document.querySelector("main form");
          if (saying) {
            let wait, asking;
            saying.addEventListener("input", () => {
              clearTimeout(wait);
              asking?.abort();
              wait = setTimeout(async () => {
                asking = new AbortController();
                const said = new URLSearchParams(new FormData(saying));
                said.delete("csrf");
                said.delete("revision");
                const { signal } = asking;
                const text = await fetch(`${preview.dataset.preview}?${said}`, { signal })
                  .then((answer) => (answer.ok ? answer.text() : null)).catch(() => null);
                if (text === null) return;
                const next = new DOMParser().parseFromString(text, "text/html");
                for (const part of ["[role=status]", ".samples", "table"]) {
                  const found = next.querySelector(`#preview ${part}`);
                  if (found) preview.querySelector(part).replaceChildren(...found.childNodes);
                }
              }, 400);
            });
          }
          const watch = async () => {
            const now = document.getElementById("live");
            if (!now) return;
            const answer = await fetch(location.href).catch(() => null);
            if (answer?.ok && !now.contains(document.activeElement)) {
              const page = new DOMParser().parseFromString(await answer.text(), "text/html");
              const next = page.getElementById("live");
              if (next) now.replaceWith(next);
            }
            setTimeout(watch, 5000);
          };
          setTimeout(watch, 5000);
          let looks = 300;
          const look = async () => {
            const line = document.getElementById("finish");
            if (!line?.querySelector(".waiting") || looks-- === 0) return;
            const answer = await fetch(location.href).catch(() => null);
            if (answer?.ok) {
              const page = new DOMParser().parseFromString(await answer.text(), "text/html");
              const next = page.getElementById("finish");
              if (next && !next.querySelector(".waiting")) {
                next.setAttribute("role", "status");
                line.replaceWith(next);
                return;
              }
            }
            setTimeout(look, 2000);
          };
          setTimeout(look, 2000);
        })();
        """, asksThisSite: true)
}
