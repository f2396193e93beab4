// A second person: invited by link, and kept away from the first one's monitors over pages and REST.
import { type Person, addMonitor, expect, open, ready, test } from '../fixtures';

test.use({ instance: 'tenants' });

const bob: Person = { name: 'Bob Stranger', email: 'bob@example.com', password: 'a quite different phrase' };

test('a stranger sees nothing of another space', async ({ signedIn: page, target, browser, baseURL }) => {
  const path = await addMonitor(page, { url: target.url, name: 'Private' });
  await open(page, '/admin/accounts');
  await page.getByRole('button', { name: 'Make a link' }).click();
  const link = await page.locator('.secret code').textContent();
  expect(link).toContain('/invitation/');

  const context = await browser.newContext({ baseURL });
  const other = await context.newPage();
  await open(other, link ?? '');
  await other.getByLabel('Your name').fill(bob.name);
  await other.getByLabel('E-mail address').fill(bob.email);
  await other.getByLabel('Password').fill(bob.password);
  await other.getByRole('button', { name: 'Create account and join' }).click();
  await expect(other.getByRole('heading', { name: 'Nothing is watched yet' })).toBeVisible();
  await ready(other);
  const answer = await other.goto(path);
  expect(answer?.status()).toBe(404);
  await expect(other.getByRole('heading', { name: 'Not found' })).toBeVisible();
  expect((await other.goto('/admin/accounts'))?.status()).toBe(403);

  await open(other, '/settings/tokens');
  await other.getByLabel('Name').fill('spy');
  await other.getByRole('button', { name: 'Create token' }).click();
  const token = await other.locator('.secret code').textContent();
  const headers = { authorization: `Bearer ${token}` };
  const id = path.split('/').pop();
  expect((await other.request.get(`/api/v1/monitors/${id}`, { headers })).status()).toBe(404);
  const list = await other.request.get('/api/v1/monitors', { headers });
  expect(JSON.stringify(await list.json())).not.toContain('Private');
  await context.close();
});
