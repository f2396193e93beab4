// What every spec gets: a running Loopr with an administrator, a page that fails the test on any console error or
// violation of the content security policy, and the steps that people repeat.
import { type Page, test as base, expect } from '@playwright/test';
import { Loopr } from './loopr';
import { Target } from './target';

export { expect };

export interface Person {
  name: string;
  email: string;
  password: string;
}

export const ada: Person = { name: 'Ada Lovelace', email: 'ada@example.com', password: 'analytical engine no 1' };

/** Waits until the page answers to events; without scripts it always does. */
export async function ready(page: Page): Promise<void> {
  const scripts = (base.info().project.use.javaScriptEnabled ?? true) as boolean;
  if (scripts) await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
}

export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await ready(page);
}

export async function setUp(page: Page, person: Person = ada): Promise<void> {
  await open(page, '/');
  await expect(page).toHaveURL(/\/setup$/);
  await page.getByLabel('Your name').fill(person.name);
  await page.getByLabel('E-mail address').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { name: 'Nothing is watched yet' })).toBeVisible();
  await ready(page);
}

export async function signIn(page: Page, person: Person = ada): Promise<void> {
  await open(page, '/sign-in');
  await page.getByLabel('E-mail address').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('navigation', { name: 'Main', exact: true })).toBeVisible();
  await ready(page);
}

/** Adds a monitor and returns the path of its page. */
export async function addMonitor(page: Page, fields: { url: string; name: string; interval?: string }): Promise<string> {
  await open(page, '/monitors/new');
  await page.getByLabel('Address', { exact: true }).fill(fields.url);
  await page.getByLabel(/^Name/).fill(fields.name);
  await page.getByLabel('Check every').fill(fields.interval ?? '1 s');
  await page.getByRole('button', { name: 'Add monitor' }).click();
  await expect(page).toHaveURL(/\/monitors\/mon_\w+$/);
  await expect(page.getByRole('heading', { name: fields.name, level: 1 })).toBeVisible();
  return new URL(page.url()).pathname;
}

interface Fixtures {
  signedIn: Page;
  /** What the console may complain about, where a test brings it about. */
  tolerated: RegExp | undefined;
}

interface WorkerFixtures {
  /** Spec files that name different instances get a Loopr each. */
  instance: string;
  loopr: Loopr;
  target: Target;
}

/** Refusals are part of some tests: the browser reports their status as an error of the console. */
const EXPECTED = /status of (401|403|404|409|422|429)/;

export const test = base.extend<Fixtures, WorkerFixtures>({
  instance: ['shared', { option: true, scope: 'worker' }],
  loopr: [
    async ({ instance: _ }, use) => {
      const loopr = await Loopr.start();
      await use(loopr);
      await loopr.stop();
    },
    { scope: 'worker' },
  ],
  target: [
    async ({}, use) => {
      const target = await Target.start();
      await use(target);
      await target.stop();
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ loopr }, use) => use(loopr.url),
  tolerated: [undefined, { option: true }],
  page: async ({ page, tolerated }, use) => {
    const errors: string[] = [];
    page.on('console', (message) => {
      const text = message.text();
      const bad = message.type() === 'error' || /Content Security Policy|hydrat/i.test(text);
      if (bad && !EXPECTED.test(text) && !tolerated?.test(text)) errors.push(text);
    });
    page.on('pageerror', (error) => errors.push(String(error)));
    await use(page);
    expect(errors, 'errors of the console').toEqual([]);
  },
  signedIn: async ({ page }, use) => {
    await page.goto('/');
    if (page.url().endsWith('/setup')) await setUp(page);
    else await signIn(page);
    await use(page);
  },
});
