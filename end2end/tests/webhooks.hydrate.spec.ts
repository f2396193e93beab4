// What happens by itself on the pages of webhooks: previews while one types, runs that come in, charts.
import { expectAccessible } from '../axe';
import { expect, open, test } from '../fixtures';

test.use({ instance: 'webhooks-live' });

test.describe.configure({ mode: 'serial' });

test('the next runs follow what is typed, with what the clock does to them', async ({ signedIn: page }) => {
  await open(page, '/webhooks/new');
  await page.getByRole('radio', { name: /By a cron expression/ }).check({ force: true });
  await page.getByRole('textbox', { name: 'Cron expression' }).fill('30 2 * 3 *');
  await page.getByLabel('Time zone').fill('Europe/Riga');
  await expect(page.locator('.next-runs tbody time')).toHaveCount(10);
  // On the last Sunday of March the clock skips 03:00 to 04:00 in Riga.
  await page.getByRole('textbox', { name: 'Cron expression' }).fill('30 3 25-31 3 0');
  await expect(page.locator('.shift').first()).toContainText('does not exist on that day');
  // The zone of the device is another one: both walls stand side by side.
  await expect(page.locator('.next-runs thead')).toContainText('For you, Europe/Berlin');
  await page.getByRole('textbox', { name: 'Cron expression' }).fill('61 * * * *');
  await expect(page.locator('.field-error')).toBeVisible();
  // What is not typed yet is no fault yet.
  await expect(page.locator('.field-error')).toHaveCount(1);
});

let path = '';

test('runs come in by themselves, and a row of the list counts down', async ({ signedIn: page, target }) => {
  await open(page, '/webhooks/new');
  await page.getByLabel('Address', { exact: true }).fill(target.url);
  await page.getByLabel('Every', { exact: true }).fill('2 s');
  await page.getByLabel(/^Name/).fill('Heart');
  await page.getByRole('button', { name: 'Add webhook' }).click();
  await expect(page.getByRole('heading', { name: 'Heart', level: 1 })).toBeVisible();
  path = new URL(page.url()).pathname;
  await page.evaluate(() => document.documentElement.setAttribute('data-same-page', ''));
  const rows = page.locator('.run-log tbody tr');
  await expect.poll(() => rows.count(), { timeout: 20_000 }).toBeGreaterThan(2);
  // A run unfolds where it stands, and stays so while others come in.
  const toggle = page.getByRole('button', { name: 'Attempts of this run' }).last();
  await toggle.click();
  const unfolded = page.locator('.run-log .check-detail');
  await expect(unfolded.getByRole('heading', { name: /^Attempt 1/ })).toBeVisible();
  await expect(unfolded).toContainText('Status 200');
  const before = await rows.count();
  await expect.poll(() => rows.count(), { timeout: 20_000 }).toBeGreaterThan(before);
  await expect(unfolded).toContainText('Status 200');
  await toggle.click();
  await expect(unfolded).toHaveCount(0);
  await expect(page.locator('html[data-same-page]')).toBeAttached();
  await open(page, '/webhooks');
  const row = page.getByRole('row').filter({ hasText: 'Heart' });
  await expect(row.locator('.next')).toHaveText(/^0:0\d$/);
  await expect(row.locator('.col-latency')).toContainText('200');
  await page.keyboard.press('j');
  await expect(page.locator('.webhook-table .name a').first()).toBeFocused();
  await page.keyboard.press('x');
  await expect(page.locator('.bulk-bar')).toHaveAttribute('data-picked', '1');
  await page.keyboard.press('x');
  await expect(page.locator('.bulk-bar')).toHaveAttribute('data-picked', '0');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('hear');
  await expect(page.getByRole('option').first()).toContainText('Heart');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(path);
});

test('what fails is said at once, on the list and on the overview', async ({ signedIn: page, target }) => {
  await open(page, '/webhooks');
  await page.evaluate(() => document.documentElement.setAttribute('data-same-page', ''));
  await target.stop();
  await expect(page.getByRole('row').filter({ hasText: 'Heart' })).toHaveAttribute('data-state', /degraded|down/, { timeout: 20_000 });
  await expect(page.locator('html[data-same-page]')).toBeAttached();
  await target.listen();
  await open(page, '/');
  await expect(page.getByRole('link', { name: '1 webhook', exact: true })).toBeVisible();
  await expect(page.getByRole('link', { name: /failing$/ })).toBeVisible();
});

test('the charts are drawn, and their data are tables', async ({ signedIn: page }) => {
  await open(page, path);
  await expect(page.locator('.chart[data-ready="true"] canvas').first()).toBeVisible();
  await expect(page.locator('.chart[data-ready="true"]')).toHaveCount(2);
  await page.getByText('Data as a table').first().click();
  await expect(page.getByRole('columnheader', { name: 'Did not run' })).toBeVisible();
});

test('everything can be used by everybody', async ({ signedIn: page }) => {
  test.setTimeout(180_000);
  await open(page, path);
  const run = await page.locator('.run-log tbody a').first().getAttribute('href');
  const pages = ['/webhooks', '/webhooks?state=paused', '/webhooks/new', path, `${path}/edit`, run ?? '', '/webhooks/dead', '/webhooks/import', '/webhooks/secrets'];
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 844 });
    for (const address of pages) {
      await test.step(`${address} at ${width}`, async () => {
        await open(page, address);
        await expectAccessible(page);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(wide, 'pixels that stand out to the side').toBeLessThanOrEqual(0);
      });
    }
  }
});
