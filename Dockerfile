# syntax=docker/dockerfile:1

# Node strips the types at run time, so there is nothing to build: the image is the workspace and its installed
# dependencies. (`pnpm deploy` would copy our packages below node_modules, where Node refuses to strip types.)
FROM node:24-slim AS install
RUN npm install --global pnpm@12.21.0
WORKDIR /app
COPY . .
RUN --mount=type=cache,id=pnpm,target=/pnpm pnpm install --prod --frozen-lockfile --store-dir /pnpm --filter @coucou/server...
# The workspace brings Node for machines whose own is too old; the image has its own.
RUN rm -rf node_modules/node-linux-* node_modules/.pnpm/node-linux-*

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
RUN install --directory --owner node --group node /data
WORKDIR /app
COPY --from=install /app ./
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ARG VERSION=development REVISION=unknown
LABEL org.opencontainers.image.title="Coucou" \
  org.opencontainers.image.description="Headless, self-hosted chat backend on PostgreSQL and Redis" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="$VERSION" \
  org.opencontainers.image.revision="$REVISION"
# Not `pnpm start`: signals must reach the server itself, which drains before it ends.
CMD ["node", "apps/server/src/main.ts"]
