// What accounts are mailed, from the form to the letter and through its link.
import { ada, test as base, expect, open, setUp, signIn } from '../fixtures';
import { Loopr } from '../loopr';
import { Mail } from '../mail';

const test = base.extend<object, { mail: Mail }>({
  mail: [
    async ({}, use) => {
      const mail = await Mail.start();
      await use(mail);
      await mail.stop();
    },
    { scope: 'worker' },
  ],
  loopr: [
    async ({ mail, instance: _ }, use) => {
      const loopr = await Loopr.start((url) => ({
        LOOPR_SMTP_URL: mail.url,
        LOOPR_MAIL_FROM: 'Loopr <loopr@example.com>',
        LOOPR_PUBLIC_URL: url,
      }));
      await use(loopr);
      await loopr.stop();
    },
    { scope: 'worker' },
  ],
});

test.use({ instance: 'mails' });

test.describe.configure({ mode: 'serial' });

test('an address is confirmed by one press of a button', async ({ page, mail }) => {
  await setUp(page);
  await open(page, '/settings/profile');
  await expect(page.getByText('not confirmed')).toBeVisible();
  await page.getByRole('button', { name: 'Send the link again' }).click();
  await expect(page.getByText(`A link is on its way to ${ada.email}.`)).toBeVisible();
  const [first, second] = [await mail.link(ada.email, 'verify'), await mail.link(ada.email, 'verify', 2)];
  await open(page, first);
  await expect(page.getByText('a later one has taken its place')).toBeVisible();
  await open(page, second);
  await expect(page.getByRole('heading', { name: `Is ${ada.email} yours?` })).toBeVisible();
  await page.getByRole('button', { name: 'Confirm the address' }).click();
  await expect(page.getByRole('heading', { name: `${ada.email} is confirmed` })).toBeVisible();
  await open(page, '/settings/profile');
  await expect(page.getByText('confirmed', { exact: true })).toBeVisible();
});

test('a forgotten password is replaced by a mailed link', async ({ page, mail }) => {
  const said: string[] = [];
  for (const email of ['nobody@example.com', ada.email]) {
    await open(page, '/sign-in');
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    await page.getByLabel('E-mail address').fill(email);
    await page.getByRole('button', { name: 'Mail me a link' }).click();
    await expect(page.getByRole('heading', { name: 'Look for a mail' })).toBeVisible();
    said.push((await page.locator('main').textContent()) ?? '');
  }
  expect(said[0]).toBe(said[1]);
  await open(page, await mail.link(ada.email, 'reset'));
  await page.getByLabel('New password').fill(ada.password);
  await page.getByRole('button', { name: 'Set password and sign in' }).click();
  await expect(page.getByRole('navigation', { name: 'Main', exact: true })).toBeVisible();
  expect(mail.letters.some((letter) => letter.to === 'nobody@example.com')).toBe(false);
});

test('another address takes effect when it is confirmed', async ({ signedIn: page, mail }) => {
  await open(page, '/settings/profile');
  await page.getByLabel('New e-mail address').fill('countess@example.com');
  await page.getByLabel('Current password').fill(ada.password);
  await page.getByRole('button', { name: 'Change address' }).click();
  await expect(page.getByText('countess@example.com takes its place once')).toBeVisible();
  await open(page, await mail.link('countess@example.com', 'verify'));
  await page.getByRole('button', { name: 'Use this address' }).click();
  await expect(page.getByRole('heading', { name: 'countess@example.com is confirmed' })).toBeVisible();
  await page.context().clearCookies();
  await signIn(page, { ...ada, email: 'countess@example.com' });
});

test('an invitation arrives and lets its guest in', async ({ page, mail }) => {
  await signIn(page, { ...ada, email: 'countess@example.com' });
  await open(page, '/settings/members');
  await page.getByLabel(/^Mail it to/).fill('grace@example.com');
  await page.getByRole('button', { name: /^(Send invitation|Invite)$/ }).click();
  await expect(page.getByText('It is on its way to grace@example.com.')).toBeVisible();
  await page.context().clearCookies();
  await open(page, await mail.link('grace@example.com', 'invitation'));
  await page.getByLabel('Your name').fill('Grace Hopper');
  await page.getByLabel('E-mail address').fill('grace@example.com');
  await page.getByLabel('Password').fill('nanoseconds of wire');
  await page.getByRole('button', { name: 'Create account and join' }).click();
  await expect(page.getByRole('navigation', { name: 'Main', exact: true })).toBeVisible();
  await open(page, '/activity');
  await expect(page.getByText('Grace Hopper joined as editor')).toBeVisible();
});
