# Debian, not Alpine: Temporal's native worker needs glibc.
FROM node:22.21.1-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-fund --no-audit
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
RUN npm run build && npm prune --omit=dev --no-fund --no-audit

FROM node:22.21.1-bookworm-slim
# Temporal's native worker trusts the certificates of the system.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
WORKDIR /app
COPY package.json ./
COPY deploy/check-health.mjs deploy/
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
# A new volume takes over the owner of the folder that it covers.
RUN mkdir --parents /var/lib/evertoken/journal && chown node:node /var/lib/evertoken/journal
USER node
ENV EVERTOKEN_METRICS_ADDRESS=0.0.0.0:9464 EVERTOKEN_HEALTH_ADDRESS=0.0.0.0:8082
EXPOSE 9464 8082
# Ready, and not only live: a worker without Temporal or journal shows as unhealthy. Nothing restarts it for that.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["node", "deploy/check-health.mjs", "http://127.0.0.1:8082/readyz"]
# A core dump would hold keys and tokens.
ENTRYPOINT ["/bin/sh", "-c", "ulimit -c 0 && exec node dist/cli/main.js \"$@\"", "evertoken"]
CMD ["worker"]
