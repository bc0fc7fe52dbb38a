import { createCodecServer } from '../codec-server/codec-server.js';
import type { Config } from '../settings/config.js';
import { refusedAddress } from '../settings/refused-address.js';
import { createLogger } from '../telemetry/logger.js';
import type { Logger } from '../telemetry/logger.js';

export interface ListeningCodecServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Lets a codec server listen at `EVERTOKEN_CODEC_ADDRESS`; it logs to standard output unless told otherwise.
 * @throws ConfigError if this process cannot listen there
 */
export async function listenCodecServer(
  config: Config,
  logger: Logger = createLogger(config),
): Promise<ListeningCodecServer> {
  const { encryption, codecAddress } = config;
  const server = await createCodecServer({
    encryption,
    corsOrigins: config.codecCorsOrigins,
    encodes: config.codecEncodes,
    hosts: config.codecHosts,
    callers: config.codecCallers,
    logger,
  });
  const url = await server.listen(codecAddress).catch((error: unknown) => {
    throw refusedAddress('EVERTOKEN_CODEC_ADDRESS', codecAddress, error);
  });
  return { url, close: () => server.close() };
}
