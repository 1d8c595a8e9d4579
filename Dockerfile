# syntax=docker/dockerfile:1
# Vigil in a container: the first stage builds the three programs, the second holds them and the libraries they use.
#
#   docker build -t vigil .
#   docker run --rm vigil vigild --help
#
# The service keeps its state in the volume /var/lib/vigil and reads its configuration from /etc/vigil.

FROM docker.io/library/debian:bookworm-slim AS build
WORKDIR /src
COPY deploy/install-build-deps deploy/install-build-deps
RUN deploy/install-build-deps build && rm -rf /var/lib/apt/lists/*
COPY . .
RUN cmake --preset release -DVIGIL_TESTS=OFF -DVIGIL_BENCH=OFF \
    && cmake --build build/release --target vigil_programs \
    && mkdir -p /out/bin \
    && for program in vigild vigilctl vigil-exchange; do strip -o "/out/bin/$program" "build/release/bin/$program" || exit 1; done

FROM docker.io/library/debian:bookworm-slim
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        ca-certificates libcpprest2.10 libspdlog1.10 libfmt9 libyaml-cpp0.7 libsimdjson14 libsqlite3-0 \
        libssl3 libsystemd0 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --home-dir /var/lib/vigil --shell /usr/sbin/nologin vigil \
    && install -d -m 0700 -o vigil -g vigil /var/lib/vigil \
    && install -d -m 0750 -o root -g vigil /etc/vigil /etc/vigil/strategies
COPY --from=build /out/bin/ /usr/bin/
COPY config/ /usr/share/vigil/config/
# A program that lacks a library fails here, not at its first start.
RUN vigild --help >/dev/null && vigilctl --help >/dev/null && vigil-exchange --help >/dev/null
USER vigil
WORKDIR /var/lib/vigil
VOLUME /var/lib/vigil
STOPSIGNAL SIGTERM
CMD ["vigild", "--config", "/etc/vigil/vigild.yaml", "--state", "/var/lib/vigil"]
