// Something to watch: a local HTTP server that can be stopped and started again on the same port.
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export class Target {
  private server?: Server;
  private port = 0;

  static async start(): Promise<Target> {
    const target = new Target();
    await target.listen();
    return target;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/health`;
  }

  async listen(): Promise<void> {
    const server = createServer((_, answer) => answer.end('ok'));
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const server = this.server;
    if (!server) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
