// Reloads the page when the newest mail is another than the one it shows.
const shown = document.body.dataset.newest ?? '';

async function look() {
  if (document.visibilityState !== 'visible') return;
  try {
    const response = await fetch('mails');
    const { items } = await response.json();
    if ((items[0]?.id ?? '') !== shown) location.reload();
  } catch {
    // The server restarts; a later look finds it again.
  }
}

setInterval(() => void look(), 2_000);
