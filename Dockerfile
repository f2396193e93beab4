# syntax=docker/dockerfile:1
# One image, one binary. The build takes the database along: count on half an hour the first time.

FROM node:20-bookworm-slim AS node

FROM rust:1.95-bookworm AS build
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
    && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx \
    && apt-get update \
    && apt-get install -y --no-install-recommends cmake perl \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
ENV CARGO_TARGET_DIR=/build

# The tools change less often than the code.
COPY Cargo.toml rust-toolchain.toml package.json package-lock.json .npmrc ./
COPY scripts/setup.sh scripts/setup.sh
RUN scripts/setup.sh

COPY . .
RUN make release && install -D target/release/loopr /out/loopr && install -d -m 0700 /out/data

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin loopr
COPY --from=build /out/loopr /usr/local/bin/loopr
COPY --from=build --chown=loopr:loopr /out/data /data
ENV LOOPR_LISTEN=0.0.0.0:3000 \
    LOOPR_DATA_DIR=/data
USER loopr
WORKDIR /data
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["loopr", "healthcheck"]
ENTRYPOINT ["loopr"]
CMD ["serve"]
