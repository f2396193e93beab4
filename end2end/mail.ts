// A mail server as far as Loopr can tell: it takes every letter, and keeps what is in it.
import { type Server, type Socket, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface Letter {
  to: string;
  subject: string;
  /** Head and parts, without the soft line breaks of quoted-printable. */
  text: string;
}

export class Mail {
  readonly letters: Letter[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Mail> {
    const server = createServer((socket) => mail.talk(socket));
    const mail = new Mail(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return mail;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Waits for a letter and answers the path of its link to a page. */
  async link(to: string, page: string, nth = 1): Promise<string> {
    for (let tries = 0; tries < 200; tries += 1) {
      const links = this.letters
        .filter((letter) => letter.to === to)
        .flatMap((letter) => letter.text.match(new RegExp(`/${page}/[\\w-]{43}`)) ?? []);
      const link = links[nth - 1];
      if (link) return link;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`no link to ${page} for ${to}: ${this.letters.map(({ to, subject }) => `${to}: ${subject}`).join(', ')}`);
  }

  private talk(socket: Socket): void {
    let text = '';
    let inData = false;
    let to = '';
    const say = (line: string) => socket.write(`${line}\r\n`);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8');
      for (;;) {
        const end = text.indexOf(inData ? '\r\n.\r\n' : '\r\n');
        if (end < 0) return;
        const said = text.slice(0, end);
        text = text.slice(end + (inData ? 5 : 2));
        if (inData) {
          inData = false;
          this.letters.push({ to, subject: /^Subject: (.*)$/m.exec(said)?.[1]?.trim() ?? '', text: said.replaceAll('=\r\n', '') });
          say('250 Queued');
        } else if (/^DATA/i.test(said)) {
          inData = true;
          say('354 Go on');
        } else {
          if (/^RCPT/i.test(said)) to = /<(.*)>/.exec(said)?.[1] ?? '';
          say('250 Ok');
        }
      }
    });
    say('220 mail.test ESMTP');
  }
}
