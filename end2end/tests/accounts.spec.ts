// Ways in and out, and forms of settings with refused values.
import { ada, expect, open, signIn, test } from '../fixtures';

test.use({ instance: 'accounts' });

test.describe.configure({ mode: 'serial' });

test('a wrong password says the same as an unknown address', async ({ signedIn, page }) => {
  await signedIn.context().clearCookies();
  const said: string[] = [];
  for (const email of [ada.email, 'nobody@example.com']) {
    await open(page, '/sign-in');
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    const message = page.getByRole('alert').or(page.locator('.field-error')).first();
    await expect(message).toBeVisible();
    await expect(page.getByLabel('E-mail address')).toHaveValue(email);
    said.push((await message.textContent()) ?? '');
  }
  expect(said[0]).toBe(said[1]);
});

test('signed out, a page leads to the sign-in and back', async ({ page }) => {
  await open(page, '/settings/profile');
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await page.getByLabel('E-mail address').fill(ada.email);
  await page.getByLabel('Password').fill(ada.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL('/settings/profile');
});

test('an empty name is refused beside its field', async ({ signedIn: page }) => {
  await open(page, '/settings/profile');
  await page.getByLabel('Name', { exact: true }).fill(' ');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Enter a name.')).toBeVisible();
});

test('a new name is kept, and the page says so', async ({ signedIn: page }) => {
  await open(page, '/settings/profile');
  await page.getByLabel('Name', { exact: true }).fill('Ada L.');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Ada L.');
});

test('a token is shown once, right after it was made', async ({ signedIn: page, request }) => {
  await open(page, '/settings/tokens');
  await page.getByLabel('Name', { exact: true }).fill('Deployment');
  await page.getByRole('button', { name: 'Create token' }).click();
  const secret = await page.locator('.secret code').textContent();
  const answer = await request.get('/api/v1/summary', { headers: { authorization: `Bearer ${secret}` } });
  expect(answer.status()).toBe(200);
  await expect(page.locator('.record-name', { hasText: 'Deployment' })).toBeVisible();
  await page.reload();
  await expect(page.locator('.record-name', { hasText: 'Deployment' })).toBeVisible();
  await expect(page.locator('.secret')).toHaveCount(0);
});

test('a password is changed only with the present one', async ({ signedIn: page }) => {
  await open(page, '/settings/security');
  await page.getByLabel('Current password').fill('wrong');
  await page.getByLabel('New password').fill('another long password');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.locator('.field-error, [role=alert]').first()).toBeVisible();
  await expect(page.getByText('this one')).toBeVisible();
});

test('deleting a space needs its name', async ({ signedIn: page }) => {
  await open(page, '/settings/space');
  await page.locator('summary', { hasText: 'Delete space' }).click();
  await page.getByLabel('Name of the space').fill('something else');
  await page.getByRole('button', { name: 'Delete this space' }).click();
  await expect(page.locator('.field-error').first()).toBeVisible();
});

test('a space is created and another one opened again', async ({ signedIn: page }) => {
  await open(page, '/settings/space#new');
  await page.locator('#new').getByLabel('Name').fill('Second');
  await page.getByRole('button', { name: 'Create space' }).click();
  await expect(page.locator('.space-switcher > summary')).toContainText('Second');
  await page.locator('.space-switcher > summary').click();
  await page.locator('.space-switcher .menu-item').filter({ hasText: 'Ada' }).click();
  await expect(page.locator('.space-switcher > summary')).toContainText('Ada');
});

test('signing out ends the session', async ({ signedIn: page }) => {
  await page.locator('.topbar .menu > summary').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL('/sign-in');
  await open(page, '/');
  await expect(page.getByRole('link', { name: 'Sign in' }).first()).toBeVisible();
  await signIn(page);
});
