import cors from '@fastify/cors';
import { fastify } from 'fastify';
import type { FastifyError, FastifyInstance } from 'fastify';
import { HIDDEN } from '../contract/redaction.js';
import type { Encryption } from '../encryption/encryption.js';
import { EncryptionCodec } from '../encryption/payload-codec.js';
import { CODEC_BODY_MAX_BYTES } from '../policy/numbers.js';
import type { Logger } from '../telemetry/logger.js';
import { payloadsFromJson, payloadsJsonSchema, payloadsToJson } from './payloads-json.js';
import { shownPayload } from './shown-payload.js';

/** What a codec server needs. */
export interface CodecServerParts {
  readonly encryption: Encryption;
  /** Origins of the Temporal UIs that may ask; requests of any other page are refused. */
  readonly corsOrigins: readonly string[];
  readonly logger: Logger;
}

/** A request that cannot be answered. The message says why, without quoting it. */
class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

/**
 * The server through which the Temporal UI and CLI show payloads (`POST /decode`, with secrets hidden) and seal
 * what operators send (`POST /encode`). It does not listen yet. It has no login: keep it on loopback.
 */
export async function createCodecServer(parts: CodecServerParts): Promise<FastifyInstance> {
  const codec = new EncryptionCodec(parts.encryption);
  const server = fastify({ bodyLimit: CODEC_BODY_MAX_BYTES });

  // CORS alone only hides answers; a page that rebinds its name to loopback would read them.
  server.addHook('onRequest', ({ headers: { origin } }, _reply, done) => {
    const isForeign = origin !== undefined && !parts.corsOrigins.includes(origin);
    done(
      isForeign
        ? new RequestError(403, 'origin is not in EVERTOKEN_CODEC_CORS_ORIGINS')
        : undefined,
    );
  });
  await server.register(cors, {
    origin: [...parts.corsOrigins],
    methods: ['GET', 'POST'],
    credentials: true,
  });

  server.get('/healthz', () => ({ status: 'ok' }));
  server.post('/decode', async ({ body }) => {
    const payloads = payloadsOf(body);
    return payloadsToJson(
      await Promise.all(payloads.map((payload) => shownPayload(codec, payload))),
    );
  });
  server.post('/encode', async ({ body }) => {
    const payloads = payloadsOf(body);
    if (payloads.some(({ data }) => Buffer.from(data ?? []).includes(HIDDEN))) {
      throw new RequestError(
        400,
        `a payload holds ${HIDDEN}, which stands where a secret was hidden; put the real value there`,
      );
    }
    return payloadsToJson(await codec.encode(payloads));
  });

  server.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ message: 'no such page; there are /decode, /encode and /healthz' }),
  );
  server.setErrorHandler((error: FastifyError, _request, reply) => {
    const statusCode = error.statusCode ?? 500;
    if (statusCode >= 500) parts.logger.error('codec request failed', { error });
    return reply.code(statusCode).send({ message: messageOf(error, statusCode) });
  });
  return server;
}

function payloadsOf(body: unknown) {
  const parsed = payloadsJsonSchema.safeParse(body);
  if (!parsed.success) throw new RequestError(400, 'body is no list of payloads in protobuf JSON');
  return payloadsFromJson(parsed.data);
}

/** Texts of libraries may quote the request, so only our own are passed on. */
function messageOf(error: Error, statusCode: number): string {
  if (error instanceof RequestError) return error.message;
  if (statusCode === 413) return `body is too large [limit=${CODEC_BODY_MAX_BYTES} bytes]`;
  if (statusCode === 415) return 'body is not application/json';
  return statusCode < 500 ? 'request cannot be read' : 'internal error';
}
