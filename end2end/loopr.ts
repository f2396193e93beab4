// A Loopr of its own for a spec file: the built binary on an empty data directory and a free port.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

function binary(): string {
  const target = process.env.CARGO_TARGET_DIR ?? join(__dirname, '..', 'target');
  return process.env.LOOPR_BIN ?? join(target.replace(/^~/, homedir()), 'debug', 'loopr');
}

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}

export class Loopr {
  private process?: ChildProcess;
  private output = '';

  private constructor(
    readonly port: number,
    private readonly directory: string,
    private readonly variables: Record<string, string>,
  ) {}

  /** Variables may depend on the address. */
  static async start(variables: Record<string, string> | ((url: string) => Record<string, string>) = {}): Promise<Loopr> {
    const port = await freePort();
    const named = typeof variables === 'function' ? variables(`http://127.0.0.1:${port}`) : variables;
    const loopr = new Loopr(port, await mkdtemp(join(tmpdir(), 'loopr-e2e-')), named);
    await loopr.run();
    return loopr;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts the server on the same data again. */
  async run(): Promise<void> {
    const { PATH = '', HOME = '' } = process.env;
    this.process = spawn(binary(), [], {
      cwd: join(__dirname, '..'),
      env: { PATH, HOME, LOOPR_LISTEN: `127.0.0.1:${this.port}`, LOOPR_DATA_DIR: this.directory, ...this.variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const hear = (chunk: Buffer) => (this.output += chunk.toString());
    this.process.stdout?.on('data', hear);
    this.process.stderr?.on('data', hear);
    for (let tries = 0; tries < 150; tries += 1) {
      if (this.process.exitCode !== null) throw new Error(`loopr ended at start:\n${this.output}`);
      const ready = await fetch(`${this.url}/readyz`).then((answer) => answer.ok, () => false);
      if (ready) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error(`loopr did not become ready:\n${this.output}`);
  }

  /** Ends it without a chance to say goodbye. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Ends it, and throws its data away. */
  async stop(): Promise<void> {
    await this.end('SIGTERM');
    await rm(this.directory, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const running = this.process;
    if (!running || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await ended;
  }
}
