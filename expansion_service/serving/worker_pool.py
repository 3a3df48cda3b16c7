"""Beam's external worker pool: runners ask it for SDK workers, and it forks them warm.

Beam's own pool inserts the id of a worker into Python source, which runs it as code. Here, it is only an argument.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from multiprocessing.process import BaseProcess
from typing import Any

import grpc
from apache_beam.portability.api import beam_fn_api_pb2, beam_fn_api_pb2_grpc, endpoints_pb2

from expansion_service import beam_internals, metric_ids, version
from expansion_service.serving import child_processes, limits
from expansion_service.serving.environments import VERSION_PARAM
from hf_handlers.errors import VersionMismatch

_log = logging.getLogger(__name__)


def default_max_workers() -> int:
    """How many workers a pool runs if its operator does not say: some for each CPU."""
    return max(limits.WORKERS_AT_LEAST, limits.WORKERS_FOR_EACH_CPU * (os.cpu_count() or 1))


class WorkerPool(beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolServicer):
    """Starts and stops the workers of one machine.

    A worker is identified by its id and the address that controls it: Flink uses the same few ids in all of its jobs.

    Args:
        max_workers: how many workers may run at the same time.
    """

    def __init__(self, max_workers: int) -> None:
        self._max_workers = max_workers
        self._workers: dict[tuple[str, str], BaseProcess] = {}
        self._lock = threading.Lock()

    def StartWorker(
        self, request: beam_fn_api_pb2.StartWorkerRequest, context: Any
    ) -> beam_fn_api_pb2.StartWorkerResponse:
        if not request.control_endpoint.url:
            return beam_fn_api_pb2.StartWorkerResponse(error="expected the address of a control endpoint, found none")
        try:
            # Before the worker decodes anything. Pipelines without hf-beam name no version.
            version.check_matches(request.params.get(VERSION_PARAM, version.VERSION))
        except VersionMismatch as error:
            return beam_fn_api_pb2.StartWorkerResponse(error=str(error))
        key = (request.worker_id, request.control_endpoint.url)
        with self._lock:
            self._forget_finished()
            if key in self._workers:
                return beam_fn_api_pb2.StartWorkerResponse(error="this worker is running already")
            if len(self._workers) >= self._max_workers:
                _log.warning("refused worker %s: %d workers are running", request.worker_id, self._max_workers)
                return beam_fn_api_pb2.StartWorkerResponse(
                    error=f"expected at most {self._max_workers} workers in this pool, found that many running. "
                    "Wait until a job ends, or start the pool with a higher --max-workers."
                )
            self._workers[key] = child_processes.start(
                "worker", run_worker, request.worker_id, request.control_endpoint.url, request.logging_endpoint.url
            )
        _log.info("started worker %s", request.worker_id)
        return beam_fn_api_pb2.StartWorkerResponse()

    def StopWorker(
        self, request: beam_fn_api_pb2.StopWorkerRequest, context: Any
    ) -> beam_fn_api_pb2.StopWorkerResponse:
        with self._lock:
            self._forget_finished()
            keys = [key for key in self._workers if key[0] == request.worker_id]
            # The request names no address. If several workers have this id, the right one ends when its runner is gone.
            worker = self._workers.pop(keys[0]) if len(keys) == 1 else None
        if worker is not None:
            child_processes.stop(worker)
            _log.info("stopped worker %s", request.worker_id)
        return beam_fn_api_pb2.StopWorkerResponse()

    def stop(self) -> None:
        """End all workers."""
        with self._lock:
            workers, self._workers = list(self._workers.values()), {}
        for worker in workers:
            worker.terminate()  # all at once: each may take a while
        for worker in workers:
            child_processes.stop(worker)

    def _forget_finished(self) -> None:
        for key in [key for key, process in self._workers.items() if not process.is_alive()]:
            self._workers.pop(key).join()


def run_worker(worker_id: str, control_address: str, logging_address: str) -> None:
    """Run a worker, which does what the runner at `control_address` asks, until the runner is gone."""
    metric_ids.start_anywhere()
    # Beam reads it from an environment variable at import, before this worker was forked. Prism requires it.
    beam_internals.replace("log_sender", worker_id)
    # The runner gets the whole log, for its user; warnings and errors also go to the log of the pool.
    logging.basicConfig(level=logging.INFO, format=f"%(asctime)s %(levelname)s {worker_id} %(name)s: %(message)s")
    logging.getLogger().handlers[0].setLevel(logging.WARNING)
    handler = None
    if logging_address:
        handler = beam_internals.FnApiLogRecordHandler(endpoints_pb2.ApiServiceDescriptor(url=logging_address))
        logging.getLogger().addHandler(handler)
    try:
        harness = beam_internals.SdkHarness(control_address, worker_id=worker_id, state_cache_size=100 << 20)
        threading.Thread(target=_end_without_runner, args=(harness,), daemon=True).start()
        harness.run()
    except (grpc.RpcError, grpc.FutureTimeoutError) as error:  # a job that is cancelled takes its runner with it
        _log.info("the runner at %s is gone: %s", control_address, type(error).__name__)
    finally:
        _end_at_last()
        if handler is not None:
            handler.close()


def _end_without_runner(harness: Any) -> None:
    while beam_internals.has_runner(harness):
        time.sleep(1)
    _end_at_last()


def _end_at_last() -> None:
    """Let this worker end soon, even if user code, or the connection that sends its log, never does."""
    timer = threading.Timer(limits.WORKER_END_S, os._exit, (1,))
    timer.daemon = True
    timer.start()
