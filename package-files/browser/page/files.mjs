// Files that people drop on the page, or choose: they are read here and stay in the page.

/** Calls `take(name, bytes)` for each file. */
export function dropFiles({ area, button, input, take }) {
  const takeAll = async (files) => {
    for (const file of files) await take(file.name.replaceAll("/", "_"), new Uint8Array(await file.arrayBuffer()));
  };
  const withFiles = (event) => event.dataTransfer?.types.includes("Files");
  let depth = 0;
  addEventListener("dragenter", (event) => {
    if (!withFiles(event)) return;
    depth += 1;
    area.hidden = false;
  });
  addEventListener("dragleave", (event) => {
    if (!withFiles(event)) return;
    depth = Math.max(0, depth - 1);
    area.hidden = depth === 0;
  });
  addEventListener("dragover", (event) => withFiles(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!withFiles(event)) return;
    event.preventDefault();
    depth = 0;
    area.hidden = true;
    takeAll(event.dataTransfer.files);
  });
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", async () => {
    await takeAll(input.files);
    input.value = "";
  });
}
