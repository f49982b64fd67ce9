// What is wrong with a setting, while it is typed; and new logins, while the page is looked at.
// Without this script everything works, and is told when a form is sent.

const PAUSE_MS = 250;
const POLL_MS = 1500;

for (const field of document.querySelectorAll('[data-check]')) {
  const said = document.getElementById(`${field.id}-said`);
  let timer;
  let asked = 0;
  field.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      asked += 1;
      const mine = asked;
      const body = new URLSearchParams({ name: field.dataset.check, text: field.value });
      const answer = await fetch('/dev/check', { method: 'POST', body }).catch(() => undefined);
      if (!answer?.ok) return;
      const { ok, html } = await answer.json();
      // Another answer may have been faster.
      if (mine !== asked) return;
      said.innerHTML = html;
      if (ok) field.removeAttribute('aria-invalid');
      else field.setAttribute('aria-invalid', 'true');
    }, PAUSE_MS);
  });
}

const list = document.getElementById('logins');

async function lookForNews() {
  if (document.hidden) return;
  const shown = list.querySelector('[aria-current]')?.getAttribute('href')?.split('=')[1] ?? '';
  const query = new URLSearchParams({ after: list.dataset.newest, shown });
  const answer = await fetch(`/dev/news?${query}`).catch(() => undefined);
  if (answer?.status !== 200) return;
  const { newest, html } = await answer.json();
  const focused = list.contains(document.activeElement)
    ? document.activeElement.getAttribute('href')
    : null;
  list.innerHTML = html;
  list.dataset.newest = String(newest);
  if (focused !== null) list.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
  const first = list.querySelector('li a');
  document.getElementById('news').textContent =
    first === null ? '' : `New: ${first.textContent.replace(/\s+/g, ' ').trim()}`;
}

if (list !== null) setInterval(lookForNews, POLL_MS);
