// From an empty instance to the first result, and every refusal on the way.
import { addMonitor, ada, expect, open, ready, test } from '../fixtures';

test.use({ instance: 'first-run' });

test.describe.configure({ mode: 'serial' });

test('set-up refuses a weak password and keeps the rest', async ({ page }) => {
  await open(page, '/');
  await expect(page).toHaveURL(/\/setup$/);
  await page.getByLabel('Your name').fill(ada.name);
  await page.getByLabel('E-mail address').fill(ada.email);
  await page.getByLabel('Password').fill('short');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByText('Use at least 10 characters.')).toBeVisible();
  await expect(page.getByLabel('Your name')).toHaveValue(ada.name);
  await expect(page.getByLabel('E-mail address')).toHaveValue(ada.email);
  await expect(page.getByLabel('Password')).toHaveValue('');
  await expect(page.getByLabel('Password')).toHaveAttribute('aria-invalid', 'true');
  expect(page.url()).not.toContain('short');
});

test('the administrator is set up and asked for the first address', async ({ signedIn: page }) => {
  await expect(page.getByRole('heading', { name: 'Nothing is watched yet' })).toBeVisible();
  await page.getByRole('textbox', { name: 'Address' }).fill('example.com');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page).toHaveURL(/\/monitors\/new\?url=example\.com$/);
  await expect(page.getByLabel('Address', { exact: true })).toHaveValue('example.com');
});

test('a wrong address is named beside its field, and nothing typed is lost', async ({ signedIn: page }) => {
  await open(page, '/monitors/new');
  await page.getByLabel('Address', { exact: true }).fill('ftp://example.com');
  await page.getByLabel(/^Name/).fill('A name <b>&amp; more');
  await page.getByLabel('Check every').fill('half an hour');
  await page.getByRole('button', { name: 'Add monitor' }).click();
  await expect(page.getByText('This takes https and http')).toBeVisible();
  await expect(page.getByText('Write a number and a unit: 30 s, 5 min, 1 h.')).toBeVisible();
  await expect(page.getByLabel('Address', { exact: true })).toHaveValue('ftp://example.com');
  await expect(page.getByLabel(/^Name/)).toHaveValue('A name <b>&amp; more');
  await expect(page.getByLabel('Check every')).toHaveValue('half an hour');
  await expect(page.getByLabel('Address', { exact: true })).toBeFocused();
});

test('an address is added and seen up', async ({ signedIn: page, target }) => {
  await addMonitor(page, { url: target.url, name: 'Website' });
  await expect(async () => {
    await page.reload();
    await expect(page.locator('.pill')).toHaveText(/^Up for/, { timeout: 500 });
  }).toPass();
  await open(page, '/');
  await expect(page.getByRole('heading', { name: 'The only monitor is up' })).toBeVisible();
  await expect(page.getByRole('row').filter({ hasText: 'Website' })).toHaveAttribute('data-state', 'up');
});

test('a monitor is edited, paused, resumed, duplicated and deleted', async ({ signedIn: page, target }) => {
  const path = await addMonitor(page, { url: target.url, name: 'To change', interval: '1 h' });
  await ready(page);
  await page.getByRole('link', { name: 'Edit', exact: true }).click();
  await expect(page).toHaveURL(`${path}/edit`);
  await ready(page);
  await page.getByLabel(/^Name/).fill('Changed');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.getByRole('heading', { name: 'Changed', level: 1 })).toBeVisible();

  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.locator('.pill')).toHaveText(/^Paused for/);
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();

  await page.getByRole('button', { name: 'Duplicate' }).click();
  await expect(page).toHaveURL(/\/monitors\/mon_\w+\/edit$/);
  expect(page.url()).not.toContain(path);
  await ready(page);
  await page.getByText('Delete monitor').click();
  await page.getByRole('button', { name: 'Delete it' }).click();
  await expect(page).toHaveURL('/');
  await open(page, path);
  await expect(page.getByRole('heading', { name: 'Changed', level: 1 })).toBeVisible();
});
