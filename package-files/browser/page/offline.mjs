// Installs the service worker: it keeps the page for times without a connection, and adds headers that a server may not send.

const RELOADED = "python-page-reloaded";

/** Resolves when the page may go on; reloads it once if that makes it cross-origin isolated. */
export async function prepareOffline() {
  if (!("serviceWorker" in navigator)) return;
  const registered = navigator.serviceWorker.register("service-worker.js").catch((error) => {
    console.warn("the page will not be available offline:", error);
    return null;
  });
  if (globalThis.crossOriginIsolated) return;
  // Without isolation, it is worth waiting: input() and Ctrl-C need it.
  if (!(await registered)) return;
  await Promise.race([navigator.serviceWorker.ready, new Promise((resolve) => setTimeout(resolve, 3000))]);
  try {
    if (sessionStorage.getItem(RELOADED)) return;
    sessionStorage.setItem(RELOADED, "yes");
  } catch {
    return;
  }
  location.reload();
  // The page ends here.
  await new Promise(() => {});
}
