// What happens by itself: a target goes away, and the page says so without being loaded again.
import { addMonitor, expect, open, test } from '../fixtures';

test.use({ instance: 'live' });

test.describe.configure({ mode: 'serial' });

test('the overview follows a target that stops and returns', async ({ signedIn: page, target }) => {
  await addMonitor(page, { url: target.url, name: 'Checkout' });
  await open(page, '/');
  const row = page.getByRole('row').filter({ hasText: 'Checkout' });
  await expect(row).toHaveAttribute('data-state', 'up');
  await page.evaluate(() => document.documentElement.setAttribute('data-same-page', ''));
  await target.stop();
  await expect(row).toHaveAttribute('data-state', 'down');
  await expect(page.getByRole('heading', { name: 'Checkout is down' })).toBeVisible();
  await expect(row.locator('.failure')).toHaveText('refused');
  await target.listen();
  await expect(row).toHaveAttribute('data-state', 'up');
  await expect(page.locator('html[data-same-page]')).toBeAttached();
});

test('the chart is drawn, its range is in the address, and its data is a table', async ({ signedIn: page, target }) => {
  const path = await addMonitor(page, { url: target.url, name: 'Charted' });
  await page.waitForTimeout(3_000);
  await open(page, `${path}?range=1h`);
  await expect(page.locator('.chart canvas')).toBeVisible();
  await page.getByRole('navigation', { name: 'Range of the chart' }).getByText('7 d').click();
  await expect(page).toHaveURL(/range=7d/);
  await page.getByText('Data as a table').click();
  await expect(page.getByRole('columnheader', { name: 'Median' })).toBeVisible();
  await expect(page.locator('.checks tbody tr').first()).toBeVisible();
});

test('the page of a monitor follows its checks; a row that is opened stays open', async ({ signedIn: page, target }) => {
  await addMonitor(page, { url: target.url, name: 'Followed' });
  await expect(page.getByRole('link', { name: '1 h' })).toHaveAttribute('aria-current', 'true');
  await page.evaluate(() => document.documentElement.setAttribute('data-same-page', ''));
  // A live check gets its details when the page is loaded again behind it.
  const rows = page.locator('.checks tbody tr');
  const details = page.getByRole('button', { name: 'Details of this check' });
  await expect(details.nth(3)).toBeVisible({ timeout: 20_000 });
  await details.last().click();
  await expect(page.locator('.check-detail')).toContainText('Waiting');
  const before = await details.count();
  await expect.poll(() => details.count(), { timeout: 20_000 }).toBeGreaterThan(before + 3);
  await expect(page.locator('.check-detail')).toContainText('Waiting');
  await expect(details.last()).toBeFocused();
  expect(await rows.count()).toBeGreaterThan(before);
  await expect(page.locator('html[data-same-page]')).toBeAttached();
});

test('the chart follows the colours of the device, and a zoom is loaded', async ({ signedIn: page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await open(page, '/');
  await page.getByRole('link', { name: 'Followed', exact: true }).click();
  const canvas = page.locator('.chart canvas');
  await expect(canvas).toBeVisible();
  await expect(page.getByRole('list', { name: 'Colours of the chart' })).toHaveText('Median95th percentile');
  const picture = () => canvas.evaluate((c: HTMLCanvasElement) => c.toDataURL());
  const light = await picture();
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(picture).not.toBe(light);

  const box = (await page.locator('.chart').boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.9, box.y + 80);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 14, box.y + 90, { steps: 4 });
  await page.mouse.up();
  await expect(page).toHaveURL(/from=\d+&to=\d+/);
  await page.getByText('Data as a table').click();
  await expect(page.locator('.data-table caption')).toHaveText('Latencies in pieces of 2 s');
  await page.getByRole('link', { name: 'Whole range' }).click();
  await expect(page.locator('.data-table caption')).toHaveText('Latencies in pieces of 1 min');
});

test('without a success there is a sentence in place of the chart', async ({ signedIn: page }) => {
  await addMonitor(page, { url: 'http://127.0.0.1:9/', name: 'Never up' });
  await expect(page.getByText('No successful check in this time')).toBeVisible();
});

test('a draft is tested before it is saved', async ({ signedIn: page, target }) => {
  await open(page, '/monitors/new');
  await page.getByLabel('Address', { exact: true }).fill(target.url);
  await page.getByRole('button', { name: 'Test now' }).click();
  await expect(page.getByLabel('Result of the test')).toContainText('Status 200');
});

test('everything is reached by keyboard', async ({ signedIn: page }) => {
  await open(page, '/');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('checkout');
  await expect(page.getByRole('option').first()).toContainText('Checkout');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Checkout', level: 1 })).toBeVisible();
  await page.keyboard.press('e');
  await expect(page).toHaveURL(/\/edit$/);
  await open(page, '/');
  await page.keyboard.press('j');
  await expect(page.locator('.monitor-table .name a').first()).toBeFocused();
  await page.keyboard.press('/');
  await expect(page.getByLabel('Filter by name, address or tag')).toBeFocused();
  await page.locator('body').press('Escape');
  await page.locator('h1').click();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('n');
  await expect(page).toHaveURL(/\/monitors\/new$/);
});

test('the theme changes at once and is remembered', async ({ signedIn: page }) => {
  await open(page, '/settings/appearance');
  await page.getByLabel('Dark').check();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await open(page, '/');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('leaving a changed form asks first', async ({ signedIn: page }) => {
  await open(page, '/monitors/new');
  await page.getByLabel('Address', { exact: true }).fill('example.com');
  page.once('dialog', (dialog) => dialog.dismiss());
  await page.getByRole('link', { name: 'Cancel' }).click();
  await expect(page).toHaveURL(/\/monitors\/new$/);
  page.once('dialog', (dialog) => dialog.accept());
  await page.getByRole('link', { name: 'Cancel' }).click();
  await expect(page).toHaveURL('/');
});
