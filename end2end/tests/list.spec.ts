// The list: search, filters, order, and commands for several rows.
import { addMonitor, expect, open, test } from '../fixtures';

test.use({ instance: 'list' });

test.describe.configure({ mode: 'serial' });

test('search and filters are in the address and work as links', async ({ signedIn: page, target }) => {
  for (const name of ['Alpha', 'Beta', 'Gamma']) await addMonitor(page, { url: target.url, name, interval: '1 h' });
  await open(page, '/?q=alp');
  await expect(page.locator('.monitor-table .name a')).toHaveText(['Alpha']);
  await open(page, '/?sort=name');
  await expect(page.locator('.monitor-table .name a')).toHaveText(['Alpha', 'Beta', 'Gamma']);
  await page.getByRole('navigation', { name: 'By state' }).getByText('Paused').click();
  await expect(page).toHaveURL(/state=paused/);
  await expect(page.getByText('No monitor fits the filters.')).toBeVisible();
});

test('several monitors are paused, tagged and deleted at once', async ({ signedIn: page }) => {
  await open(page, '/?sort=name');
  const pick = async (...names: string[]) => {
    for (const name of names) await page.getByLabel(`Pick ${name}`).check({ force: true });
  };
  const bar = page.getByRole('region', { name: 'Picked monitors' });
  await pick('Alpha', 'Beta');
  await bar.getByRole('button', { name: 'Pause' }).click();
  await expect(page.locator('tr[data-state=paused]')).toHaveCount(2);

  await pick('Alpha');
  await bar.getByLabel('Tag', { exact: true }).fill('core');
  await bar.getByRole('button', { name: 'Add tag' }).click();
  await expect(page.getByRole('navigation', { name: 'By tag' }).getByText('core')).toBeVisible();

  await pick('Alpha', 'Beta');
  await bar.getByText('Delete', { exact: true }).click();
  await bar.getByRole('button', { name: 'Delete them' }).click();
  await expect(page.locator('.monitor-table .name a')).toHaveText(['Gamma']);
});
