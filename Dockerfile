# syntax=docker/dockerfile:1
# hf-beam as images, from one lock and one wheel; deploy/README.md says how to run them.
#
#   service   the expansion service: it runs no model, and brings no framework
#   worker    the models: an SDK container that runners start, or a worker pool

# Debian or Ubuntu with Python 3.11 or 3.12 and its venv module. The build trusts the certificates that it trusts.
ARG BASE=python:3.11-slim-bookworm
# With Go in /usr/local/go, for Beam's boot program.
ARG GO_BASE=golang:1.26-bookworm


FROM ${BASE} AS uv
RUN python3 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir uv==0.13.9


# --- what both images have -------------------------------------------------------------------------------------------

FROM ${BASE} AS base
LABEL org.opencontainers.image.title="hf-beam" \
      org.opencontainers.image.description="Hugging Face models for every Apache Beam language" \
      org.opencontainers.image.licenses="Apache-2.0"
# An id that does not depend on the base: Kubernetes and the owners of mounted folders need the number.
RUN useradd --uid 10001 --user-group --create-home hf-beam && install --directory --owner=10001 --group=10001 /models
ENV PATH=/opt/hf-beam/.venv/bin:$PATH
# Models that are downloaded lie beside those that are mounted.
ENV HF_HUB_CACHE=/models/hub
VOLUME /models
WORKDIR /opt/hf-beam
COPY pyproject.toml uv.lock ./

# The packages that the lock names lie below our code, which changes more often. Frozen: whether the lock is up to date
# is seen in a checkout, which has all that it names.
FROM base AS service-packages
RUN --mount=type=bind,from=uv,source=/opt/uv,target=/opt/uv \
    /opt/uv/bin/uv sync --frozen --no-dev --no-install-project --extra service \
        --compile-bytecode --no-cache --no-python-downloads --system-certs

# Built against the packages, installed beside them: what the images take of it is one small layer.
FROM service-packages AS project
COPY README.md LICENSE ./
COPY hf_handlers hf_handlers
COPY expansion_service expansion_service
RUN --mount=type=bind,from=uv,source=/opt/uv,target=/opt/uv \
    /opt/uv/bin/uv build --wheel --no-python-downloads --system-certs --no-cache && \
    /opt/uv/bin/uv pip install --no-deps --no-cache --compile-bytecode --prefix /project dist/*.whl


# --- worker ----------------------------------------------------------------------------------------------------------

# Beam's boot program, of the Beam that the lock names.
FROM ${GO_BASE} AS boot
ENV PATH=/usr/local/go/bin:$PATH GOPATH=/go
COPY uv.lock ./
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build \
    beam=$(sed --quiet '/^name = "apache-beam"$/ { n; s/^version = "\(.*\)"$/v\1/p }' uv.lock) && \
    GOBIN=/opt/apache/beam CGO_ENABLED=0 \
        go install -trimpath -ldflags='-s -w' "github.com/apache/beam/sdks/v2/python/container@$beam"

FROM service-packages AS worker
# Extras of pyproject.toml: a framework, and what the tasks of your pipelines need besides (vision, audio, tables, gcs, s3).
ARG EXTRAS="torch"
# pip is what the boot program looks for Beam with.
RUN --mount=type=bind,from=uv,source=/opt/uv,target=/opt/uv \
    /opt/uv/bin/uv sync --frozen --no-dev --no-install-project --extra service $(printf -- '--extra %s ' $EXTRAS) \
        --compile-bytecode --no-cache --no-python-downloads --system-certs && \
    python -m ensurepip
COPY --from=boot /opt/apache/beam/container /opt/apache/beam/boot
COPY --from=project /project .venv
COPY deploy/image/healthcheck.py ./
# The environment is complete, and the one that the boot program would make of its own does not see it.
ENV RUN_PYTHON_SDK_IN_DEFAULT_ENVIRONMENT=1
# The boot program writes a job's options into the folder that it is started in.
WORKDIR /home/hf-beam
USER 10001:10001
EXPOSE 50000
ENTRYPOINT ["/opt/apache/beam/boot"]


# --- service ---------------------------------------------------------------------------------------------------------

FROM service-packages AS service
COPY --from=project /project .venv
COPY deploy/image/healthcheck.py ./
# Where runners find workers, unless told otherwise: a pool beside each of the runner's own workers.
ENV HF_BEAM_ENVIRONMENT=external:localhost:50000
# Pipelines may name the models that are mounted.
ENV HF_BEAM_MODEL_STORE=/models
USER 10001:10001
EXPOSE 8097
HEALTHCHECK --interval=10s --start-period=60s CMD ["python", "/opt/hf-beam/healthcheck.py"]
# A container is reached from outside itself: here, and only here, the service listens on every interface.
ENTRYPOINT ["hf-beam", "serve", "--host", "0.0.0.0"]
