// Maintenance windows: planned with a preview, begun and ended by hand, refused with everything typed kept.
import { addMonitor, expect, open, ready, test } from '../fixtures';

test.use({ instance: 'maintenance' });

test.describe.configure({ mode: 'serial' });

test('a window is previewed, planned, begun and ended', async ({ signedIn: page, target }) => {
  const monitor = await addMonitor(page, { url: target.url, name: 'Database', interval: '1 h' });
  await open(page, '/maintenance');
  await expect(page.getByRole('heading', { name: 'No maintenance is planned' })).toBeVisible();
  await page.getByRole('link', { name: 'Plan maintenance' }).first().click();
  await expect(page).toHaveURL('/maintenance/new');
  await ready(page);
  await page.getByLabel('Name').fill('Nightly work');
  await page.getByRole('radio', { name: /Every day/ }).check({ force: true });
  // Some hours from now, so that it does not begin while it is looked at.
  const time = new Date(Date.now() + 6 * 3_600_000).toLocaleTimeString('en-GB', {
    timeZone: 'America/New_York', hour: '2-digit', minute: '2-digit',
  });
  await page.getByLabel('Begins at').fill(time);
  await page.getByLabel('Lasts').fill('90 min');
  await page.getByLabel('Time zone').fill('America/New_York');
  await page.getByRole('button', { name: 'Preview' }).click();
  await expect(page.getByText(`Every day at ${time} in America/New_York, for 1 monitor now.`)).toBeVisible();
  await expect(page.locator('.occurrences li')).toHaveCount(5);
  await expect(page.locator('.occurrences li').first()).toContainText('in America/New_York');
  await expect(page.getByLabel('Name')).toHaveValue('Nightly work');
  await ready(page);
  await page.getByRole('button', { name: 'Plan maintenance' }).click();
  await expect(page).toHaveURL('/maintenance');
  await expect(page.getByRole('heading', { name: '1 maintenance window is planned' })).toBeVisible();
  await ready(page);

  await page.getByRole('button', { name: 'Start now' }).click();
  await expect(page.getByRole('heading', { name: 'Nightly work is under way' })).toBeVisible();
  await open(page, monitor);
  await expect(page.locator('.pill')).toHaveText(/^Maintenance for/);
  await expect(page.getByText('Nightly work is under way. It ends')).toBeVisible();
  await open(page, '/');
  await expect(page.getByRole('row').filter({ hasText: 'Database' })).toHaveAttribute('data-state', 'maintenance');
  await open(page, '/maintenance');
  await page.getByRole('button', { name: 'End now' }).click();
  await expect(page.getByRole('heading', { name: '1 maintenance window is planned' })).toBeVisible();
});

test('what is wrong is named, and nothing typed is lost', async ({ signedIn: page }) => {
  await open(page, '/maintenance/new');
  await page.getByLabel('Name').fill('Weekly work');
  await page.getByRole('radio', { name: /Every week/ }).check({ force: true });
  await page.getByLabel('Begins at').fill('04:00');
  await page.getByLabel('Time zone').fill('Mars/Olympus');
  await page.getByRole('button', { name: 'Plan maintenance' }).click();
  await expect(page.locator('.field-error').filter({ hasText: 'Choose at least one day of the week.' })).toBeVisible();
  await expect(page.locator('.field-error').filter({ hasText: 'is not a time zone' })).toBeVisible();
  await expect(page.getByLabel('Name')).toHaveValue('Weekly work');
  await expect(page.getByRole('radio', { name: /Every week/ })).toBeChecked();
  await ready(page);
  await page.getByRole('checkbox', { name: 'Saturday' }).check({ force: true });
  await page.getByLabel('Time zone').fill('Europe/Riga');
  await page.getByRole('radio', { name: /Chosen ones/ }).check({ force: true });
  await page.getByLabel('Monitors', { exact: true }).fill('Database');
  await page.getByRole('button', { name: 'Plan maintenance' }).click();
  await expect(page).toHaveURL('/maintenance');
  await expect(page.getByText('Every Saturday at 04:00 Europe/Riga')).toBeVisible();
});

test('a window is edited and deleted', async ({ signedIn: page }) => {
  await open(page, '/maintenance');
  await page.getByRole('link', { name: 'Edit Weekly work' }).click();
  await expect(page.getByRole('heading', { name: 'Edit Weekly work' })).toBeVisible();
  await ready(page);
  await expect(page.getByLabel('Monitors', { exact: true })).toHaveValue('Database');
  await expect(page.getByRole('checkbox', { name: 'Saturday' })).toBeChecked();
  await page.getByLabel('Name').fill('Saturday work');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page).toHaveURL('/maintenance');
  await ready(page);
  const row = page.getByRole('listitem').filter({ hasText: 'Saturday work' });
  await row.getByText('Delete', { exact: true }).click();
  await row.getByRole('button', { name: 'Delete it' }).click();
  await expect(page.getByText('Saturday work')).toHaveCount(0);
});
