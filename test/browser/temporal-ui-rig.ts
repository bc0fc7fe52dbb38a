import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { createCodecServer } from '../../src/codec-server/codec-server.js';
import { LOOPBACK } from '../../src/contract/loopback.js';
import { freePort } from '../../src/dev-server/free-port.js';
import { findTemporalServer } from '../../src/dev-server/temporal-executable.js';
import { type DevServer, startDevServer } from '../../src/dev-server/temporal-server.js';
import { KeeperAdministration } from '../../src/keepers/administration.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { FullStack } from '../support/full-stack.js';

const CHROMIUM_ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The Temporal UI in a real browser, over a real server, codec server and workers; only providers are stand-ins. */
export class TemporalUiRig {
  readonly stack: FullStack;
  readonly keepers: KeeperAdministration;
  /** Everything that any page showed and any server answered to it. */
  readonly seen: string[] = [];
  readonly #server: DevServer;
  readonly #codecUrl: string;
  readonly #closeCodec: () => Promise<void>;
  readonly #browser: BrowserContext;
  readonly #folder: string;

  private constructor(
    parts: { stack: FullStack; server: DevServer; browser: BrowserContext },
    codec: { url: string; close: () => Promise<void> },
    folder: string,
  ) {
    this.stack = parts.stack;
    this.keepers = new KeeperAdministration(parts.stack.client);
    this.#server = parts.server;
    this.#browser = parts.browser;
    this.#codecUrl = codec.url;
    this.#closeCodec = codec.close;
    this.#folder = folder;
  }

  static async open(chromiumPath: string): Promise<TemporalUiRig> {
    const folder = await mkdtemp(join(tmpdir(), 'evertoken-browser-'));
    const codecPort = await freePort();
    const server = await startDevServer({
      executable: await findTemporalServer(),
      port: await freePort(),
      uiPort: await freePort(),
      codecEndpoint: `http://${LOOPBACK}:${codecPort}`,
      logFile: join(folder, 'temporal.log'),
    });
    const { address, namespace, uiUrl = '' } = server;
    const stack = await FullStack.open({
      openNamespace: async (options) => {
        const connection = await Connection.connect({ address });
        const client = new Client({ connection, namespace, ...options });
        return { client, address, namespace, close: () => connection.close() };
      },
    });
    const codecServer = await createCodecServer({
      encryption: stack.config.encryption,
      corsOrigins: [uiUrl],
      logger: createLogger({ logLevel: 'error' }),
    });
    const codecUrl = await codecServer.listen({ host: LOOPBACK, port: codecPort });
    const browser = await chromium.launchPersistentContext(join(folder, 'profile'), {
      executablePath: chromiumPath,
      args: CHROMIUM_ARGUMENTS,
      baseURL: uiUrl,
      viewport: { width: 1_400, height: 1_000 },
    });
    const codec = { url: codecUrl, close: () => codecServer.close() };
    return new TemporalUiRig({ stack, server, browser }, codec, folder);
  }

  /** An empty page; one without the codec server sees what anybody sees who cannot reach it. */
  async page(options: { readonly codec: boolean }): Promise<Page> {
    const page = await this.#browser.newPage();
    if (!options.codec) await page.route(`${this.#codecUrl}/**`, (route) => route.abort());
    page.on('response', (response) => {
      response.text().then(
        (body) => this.seen.push(body),
        () => undefined,
      );
    });
    return page;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#closeCodec();
    await this.stack.close();
    await this.#server.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
