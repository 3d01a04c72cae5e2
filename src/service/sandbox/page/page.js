"use strict";
// Asks for the parts of the page again and puts those in place that have changed. What they hold was escaped by
// the server. A part is what scrolls, so it keeps its place; rejects that were opened stay open.
(() => {
  const byId = (id) => document.getElementById(id);
  const live = byId("live");
  const query = new URLSearchParams(location.search);
  const shown = new Map();

  const say = (text, mood) => {
    live.className = mood;
    if (live.textContent !== text) live.textContent = text;
  };

  const put = (id, html) => {
    if (shown.get(id) === html) return;
    shown.set(id, html);
    const part = byId(id);
    const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
    const open = Array.from(part.querySelectorAll("details[open]"), (details) => details.id);
    part.innerHTML = html;
    for (const details of open) byId(details)?.setAttribute("open", "");
    if (focused) byId(focused)?.focus({ preventScroll: true });
  };

  const refresh = async () => {
    const records = byId("records");
    query.set("have", records.dataset.revision);
    const answer = await fetch(`/_sandbox/parts?${query}`, { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.status);
    const { revision, parts } = await answer.json();
    for (const [id, html] of Object.entries(parts)) put(id, html);
    records.dataset.revision = revision;
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form, event.submitter));
    let mistake = "";
    try {
      const headers = { accept: "application/json" };
      const answer = await fetch(form.action, { method: "POST", headers, body });
      if (answer.ok) form.reset();
      else mistake = (await answer.json()).detail;
      await refresh();
    } catch {
      mistake = "The sandbox does not answer.";
    }
    byId("mistake").textContent = mistake;
  });

  const watch = async () => {
    const begun = performance.now();
    if (!document.hidden) {
      try {
        await refresh();
        say("Live.", "good");
      } catch {
        say("The sandbox does not answer: what is shown is what it held before.", "bad");
      }
    }
    // A long search is not repeated so often that it is all the sandbox does.
    setTimeout(watch, Math.max(1000, 4 * (performance.now() - begun)));
  };
  watch();
})();
