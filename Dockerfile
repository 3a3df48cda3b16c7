# syntax=docker/dockerfile:1
# The images of hf-beam, built from one lock file and one wheel. deploy/README.md says how to run them.
#
#   service   the expansion service, which does not run models and has no framework
#   worker    runs the models, as an SDK container that runners start, or as a worker pool

# Debian or Ubuntu with Python 3.11 or 3.12 and the venv module. The build trusts the certificates that this image trusts.
ARG BASE=python:3.11-slim-bookworm
# An image with Go in /usr/local/go, to build Beam's boot program.
ARG GO_BASE=golang:1.26-bookworm


FROM ${BASE} AS uv
RUN python3 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir uv==0.13.9


# --- what both images have -------------------------------------------------------------------------------------------

FROM ${BASE} AS base
LABEL org.opencontainers.image.title="hf-beam" \
      org.opencontainers.image.description="Hugging Face models for every Apache Beam language" \
      org.opencontainers.image.licenses="Apache-2.0"
# A fixed user id that does not depend on the base, because Kubernetes and the owners of mounted directories need it.
RUN useradd --uid 10001 --user-group --create-home hf-beam && install --directory --owner=10001 --group=10001 /models
ENV PATH=/opt/hf-beam/.venv/bin:$PATH
# Downloaded models are in the same volume as mounted ones.
ENV HF_HUB_CACHE=/models/hub
VOLUME /models
WORKDIR /opt/hf-beam
COPY pyproject.toml uv.lock ./

# The packages of the lock file are in a layer below our code, which changes more often. Use --frozen, because only a
# checkout has all files that uv needs to check that the lock file is up to date.
FROM base AS service-packages
RUN --mount=type=bind,from=uv,source=/opt/uv,target=/opt/uv \
    /opt/uv/bin/uv sync --frozen --no-dev --no-install-project --extra service \
        --compile-bytecode --no-cache --no-python-downloads --system-certs

# Build the wheel with these packages, but install it in a separate directory, so that the images copy one small layer.
FROM service-packages AS project
COPY README.md LICENSE ./
COPY hf_handlers hf_handlers
COPY expansion_service expansion_service
RUN --mount=type=bind,from=uv,source=/opt/uv,target=/opt/uv \
    /opt/uv/bin/uv build --wheel --no-python-downloads --system-certs --no-cache && \
    /opt/uv/bin/uv pip install --no-deps --no-cache --compile-bytecode --prefix /project dist/*.whl


# --- worker ----------------------------------------------------------------------------------------------------------

# Beam's boot program, from the Beam version in the lock file.
FROM ${GO_BASE} AS boot
ENV PATH=/usr/local/go/bin:$PATH GOPATH=/go
COPY uv.lock ./
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build \
    beam=$(sed --quiet '/^name = "apache-beam"$/ { n; s/^version = "\(.*\)"$/v\1/p }' uv.lock) && \
    GOBIN=/opt/apache/beam CGO_ENABLED=0 \
        go install -trimpath -ldflags='-s -w' "github.com/apache/beam/sdks/v2/python/container@$beam"

FROM service-packages AS worker
# Extras of pyproject.toml: a framework, and the extras that the tasks of your pipelines need (vision, audio, tables, gcs, s3).
ARG EXTRAS="torch"
# The boot program uses pip to find Beam.
RUN --mount=type=bind,from=uv,source=/opt/uv,target=/opt/uv \
    /opt/uv/bin/uv sync --frozen --no-dev --no-install-project --extra service $(printf -- '--extra %s ' $EXTRAS) \
        --compile-bytecode --no-cache --no-python-downloads --system-certs && \
    python -m ensurepip
COPY --from=boot /opt/apache/beam/container /opt/apache/beam/boot
COPY --from=project /project .venv
COPY deploy/image/healthcheck.py ./
# Use this environment, which is complete. The boot program would otherwise create its own, without these packages.
ENV RUN_PYTHON_SDK_IN_DEFAULT_ENVIRONMENT=1
# The boot program writes a job's options to its working directory.
WORKDIR /home/hf-beam
USER 10001:10001
EXPOSE 50000
ENTRYPOINT ["/opt/apache/beam/boot"]


# --- service ---------------------------------------------------------------------------------------------------------

FROM service-packages AS service
COPY --from=project /project .venv
COPY deploy/image/healthcheck.py ./
# Where runners find workers by default: in a pool next to each of the runner's own workers.
ENV HF_BEAM_ENVIRONMENT=external:localhost:50000
# Pipelines may use the mounted models.
ENV HF_BEAM_MODEL_STORE=/models
# Without TLS, the service refuses to listen off loopback. In a container, who can connect is decided by the network and by
# the ports that are published.
ENV HF_BEAM_INSECURE=1
USER 10001:10001
EXPOSE 8097
HEALTHCHECK --interval=10s --start-period=60s CMD ["python", "/opt/hf-beam/healthcheck.py"]
# A container must accept connections from outside. Here, and only here, the service listens on every interface.
ENTRYPOINT ["hf-beam", "serve", "--host", "0.0.0.0"]
