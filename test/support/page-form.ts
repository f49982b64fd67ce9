/** What a browser sends when the only form of a page is sent: its hidden fields. */
export function readForm(body: string): URLSearchParams {
  const form = new URLSearchParams();
  for (const [, name = '', value = ''] of body.matchAll(/ name="([^"]+)" value="([^"]*)"/g)) {
    form.set(name, value);
  }
  return form;
}
