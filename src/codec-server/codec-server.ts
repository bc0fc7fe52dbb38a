import { isIP } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import cors from '@fastify/cors';
import type { Payload } from '@temporalio/common';
import { fastify } from 'fastify';
import type { FastifyError, FastifyInstance } from 'fastify';
import { isLoopbackHost } from '../contract/loopback.js';
import { HIDDEN } from '../contract/redaction.js';
import type { Encryption } from '../encryption/encryption.js';
import { EncryptionCodec } from '../encryption/payload-codec.js';
import { UndecipherableError } from '../encryption/undecipherable-error.js';
import type { Logger } from '../telemetry/logger.js';
import { type CallerRules, createCallerCheck } from './callers.js';
import { datedForce } from './dated-force.js';
import { CODEC_BODY_MAX_BYTES, CODEC_PAYLOADS_AT_ONCE, CODEC_PAYLOADS_MAX } from './numbers.js';
import { payloadsFromJson, payloadsJsonSchema, payloadsToJson } from './payloads-json.js';
import { shownPayload } from './shown-payload.js';

/** What a codec server needs. */
export interface CodecServerParts {
  readonly encryption: Encryption;
  /** Origins of the Temporal UIs that may ask; requests of any other page are refused. */
  readonly corsOrigins: readonly string[];
  /** Whether it seals what operators send. Default false. */
  readonly encodes?: boolean;
  /** Names by which it may be called, beside IP addresses and names of this machine. Default: none. */
  readonly hosts?: readonly string[];
  /** How callers prove who they are. Default: nobody is asked. */
  readonly callers?: CallerRules;
  readonly logger: Logger;
}

/** It needs nothing but itself, so what answers is ready. */
const PROBES: readonly string[] = ['/livez', '/readyz'];

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
 * what operators send (`POST /encode`, where that is switched on). It does not listen yet.
 */
export async function createCodecServer(parts: CodecServerParts): Promise<FastifyInstance> {
  const codec = new EncryptionCodec(parts.encryption);
  const server = fastify({ bodyLimit: CODEC_BODY_MAX_BYTES });

  const judge = createCallerCheck(parts.callers ?? {}, parts.logger);

  // CORS alone only hides answers; a page that rebinds its name to this address would read them.
  server.addHook('onRequest', async ({ headers, hostname, method, url }) => {
    const { origin, authorization } = headers;
    if (origin !== undefined && !parts.corsOrigins.includes(origin)) {
      throw new RequestError(403, 'origin is not in EVERTOKEN_CODEC_CORS_ORIGINS');
    }
    if (isIP(hostname.replace(/^\[|\]$/g, '')) === 0 && !isKnownHost(hostname, parts.hosts)) {
      throw new RequestError(403, 'host is not in EVERTOKEN_CODEC_HOSTS');
    }
    // A browser asks first, and sends no login with that.
    if (method === 'OPTIONS' || PROBES.includes(url)) return;
    const verdict = await judge(authorization);
    if (verdict === 'unknown') throw new RequestError(401, 'caller is not known');
    if (verdict === 'unjudged') {
      throw new RequestError(503, 'the keys of callers cannot be read now; the log says why');
    }
  });
  await server.register(cors, {
    origin: [...parts.corsOrigins],
    methods: ['GET', 'POST'],
    credentials: true,
  });

  for (const probe of PROBES) server.get(probe, () => ({ status: 'ok' }));
  server.post('/decode', async ({ body }) => {
    const payloads = payloadsOf(body);
    const shown: Payload[] = [];
    for (const [index, payload] of payloads.entries()) {
      if (index % CODEC_PAYLOADS_AT_ONCE === 0) await setImmediate();
      shown.push(await shownPayload(codec, payload));
    }
    return payloadsToJson(shown);
  });
  server.post('/encode', async ({ body }) => {
    if (parts.encodes !== true) {
      throw new RequestError(403, 'sealing is switched off; EVERTOKEN_CODEC_ENCODE=true allows it');
    }
    const payloads = payloadsOf(body);
    if (payloads.some(({ data }) => Buffer.from(data ?? []).includes(HIDDEN))) {
      throw new RequestError(
        400,
        `a payload holds ${HIDDEN}, which stands where a secret was hidden; put the real value there`,
      );
    }
    const dated = payloads.map((payload) => datedForce(payload, Date.now()));
    return payloadsToJson(await codec.encode(dated).catch(refusal));
  });

  server.setNotFoundHandler((_request, reply) =>
    reply
      .code(404)
      .send({ message: 'no such page; there are /decode, /encode, /livez and /readyz' }),
  );
  server.setErrorHandler((error: FastifyError, _request, reply) => {
    const statusCode = error.statusCode ?? 500;
    const isForeseen = error instanceof RequestError;
    if (statusCode >= 500 && !isForeseen) parts.logger.error('codec request failed', { error });
    return reply.code(statusCode).send({ message: messageOf(error, statusCode) });
  });
  return server;
}

function payloadsOf(body: unknown) {
  const parsed = payloadsJsonSchema.safeParse(body);
  if (!parsed.success) throw new RequestError(400, 'body is no list of payloads in protobuf JSON');
  if (parsed.data.payloads.length > CODEC_PAYLOADS_MAX) {
    throw new RequestError(413, `too many payloads [limit=${CODEC_PAYLOADS_MAX}]`);
  }
  return payloadsFromJson(parsed.data);
}

/** What only an owner key or a workflow makes sealable. */
function refusal(error: unknown): never {
  throw error instanceof UndecipherableError ? new RequestError(400, error.message) : error;
}

function isKnownHost(hostname: string, hosts: readonly string[] = []): boolean {
  return isLoopbackHost(hostname) || hosts.includes(hostname.toLowerCase());
}

/** Texts of libraries may quote the request, so only our own are passed on. */
function messageOf(error: Error, statusCode: number): string {
  if (error instanceof RequestError) return error.message;
  if (statusCode === 413) return `body is too large [limit=${CODEC_BODY_MAX_BYTES} bytes]`;
  if (statusCode === 415) return 'body is not application/json';
  return statusCode < 500 ? 'request cannot be read' : 'internal error';
}
