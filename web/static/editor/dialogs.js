// What opens above the page: words replaced everywhere, what was done so far, and publishing.

const OFTEN = 1000;

function opened(id, button) {
  const dialog = document.getElementById(id);
  button.addEventListener("click", () => dialog.showModal());
  return dialog;
}

/** Words that are replaced wherever they stand; `on.done` is told the edits and the names to be learned. */
export function everywhere(button, words, separator, on) {
  const dialog = opened("kaikkialta", button);
  const form = dialog.querySelector("form");
  const fields = form.elements;
  const [status, list, teach] = ["[role=status]", ".places", ".teach"].map((name) => form.querySelector(name));
  let found = [];
  let names = [];

  function item(place) {
    const made = document.createElement("li");
    const label = document.createElement("label");
    const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: true });
    const at = document.createElement("span");
    at.className = "at";
    at.textContent = positionText(place.start / 1000, separator);
    label.append(box, " ", at, " ", on.compared(place.before, place.after));
    made.append(label);
    return made;
  }

  async function find() {
    const asked = new URLSearchParams({ words: fields.words.value.trim(), instead: fields.instead.value.trim() });
    if (!asked.get("words")) return fields.words.focus();
    const told = await on.ask(`found?${asked}`);
    found = told?.places || [];
    names = told?.teaches || [];
    list.replaceChildren(...found.map(item));
    const count = found.reduce((sum, place) => sum + place.count, 0);
    status.textContent = told ? words.places.replace("{count}", count).replace("{passages}", found.length) : words.not_now;
    teach.hidden = !names.length;
    teach.querySelector("span").textContent = words.teach.replace("{names}", names.join(", "));
    fields.replace.disabled = !found.length;
  }

  function replace() {
    const chosen = found.filter((_, at) => list.children[at].querySelector("input").checked);
    if (!chosen.length) return;
    const edits = chosen.map((place) => ({ passage: place.passage, kind: "replace", start_ms: place.start, end_ms: place.end, before: place.before, after: place.after }));
    on.done(edits, fields.teach.checked ? names : []);
    list.replaceChildren();
    fields.replace.disabled = true;
    status.textContent = words.replaced.replace("{passages}", chosen.length);
  }

  form.addEventListener("submit", (event) => event.submitter?.name && event.preventDefault());
  for (const name of ["words", "instead"]) fields[name].addEventListener("input", () => (fields.replace.disabled = true));
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.type === "submit" || event.target.tagName === "BUTTON") return;
    event.preventDefault();
    find();
  });
  fields.find.addEventListener("click", find);
  fields.replace.addEventListener("click", replace);
  button.addEventListener("click", () => {
    const chosen = on.chosen();
    if (chosen) fields.words.value = chosen;
    status.textContent = "";
    fields.words.focus();
  });
}

/** What was done so far, the newest first, each of which can be undone. */
export function log(button, words, separator, on) {
  const dialog = opened("loki", button);
  const list = dialog.querySelector("ol");

  function item(action) {
    const made = document.createElement("li");
    const text = document.createElement("span");
    const place = action.start === null ? "" : positionText(action.start / 1000, separator);
    const many = action.count > 1 ? ` × ${action.count}` : "";
    text.textContent = `${new Date(action.at).toLocaleString(document.documentElement.lang)} ${action.by}: ${words[`kind_${action.kind}`]}${many} ${place}`;
    const undo = Object.assign(document.createElement("button"), { type: "button", disabled: action.undone });
    undo.textContent = action.undone ? words.undone : action.kind === "undo" ? words.redo : words.undo;
    undo.setAttribute("aria-label", `${undo.textContent}: ${text.textContent}`);
    undo.addEventListener("click", () => {
      undo.disabled = true;
      on.undo(action.id);
    });
    made.append(text, " ", undo);
    return made;
  }

  const show = () => list.replaceChildren(...[...on.actions()].reverse().map(item));
  button.addEventListener("click", show);
  return () => dialog.open && show();
}

/** The flow that publishes is begun, and its steps are told until it is over. */
export function publishing(button, words, on) {
  const dialog = opened("julkaise", button);
  const [status, passed, there, go] = ["[role=status]", ".passed", ".there", "[name=go]"].map((name) => dialog.querySelector(name));
  let isRunning = false;

  // Told only when it is another: a screen reader reads what is written anew.
  function tell(text) {
    if (status.textContent !== text) status.textContent = text;
  }

  function show(isBusy) {
    const hadFocus = document.activeElement === go;
    isRunning = isBusy;
    go.hidden = isBusy;
    if (hadFocus && isBusy) dialog.querySelector("h2").focus();
    passed.textContent = "";
  }

  async function followed(run) {
    const begun = Date.now();
    for (let lost = 0; run && !run.is_over && lost < 3; ) {
      tell(run.state === "Running" ? words.publishing : words.publish_queued);
      passed.textContent = words.publish_passed.replace("{seconds}", Math.round((Date.now() - begun) / 1000));
      await new Promise((done) => setTimeout(done, OFTEN));
      const told = await on.ask(`runs/${run.id}`);
      lost = told ? 0 : lost + 1;
      run = told || run;
    }
    return run;
  }

  function ended(run) {
    if (!run) return words.not_now;
    if (!run.is_over) return words.publish_lost;
    return run.is_bad ? words.publish_failed.replace("{message}", run.message) : words[`publish_${run.outcome}`] || words.publish_done;
  }

  async function begin() {
    if (on.waits()) return tell(words.publish_waits);
    show(true);
    there.hidden = true;
    tell(words.publish_queued);
    const run = await followed(await on.ask("runs", "{}"));
    show(false);
    tell(ended(run));
    there.hidden = run?.outcome !== "published";
    go.hidden = Boolean(run?.is_over && !run.is_bad);
  }

  go.addEventListener("click", begin);
  dialog.addEventListener("close", () => {
    if (isRunning) return;
    tell("");
    there.hidden = true;
    go.hidden = false;
  });
}
