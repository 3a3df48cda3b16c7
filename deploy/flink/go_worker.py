"""Run a Go program as a worker of its own pipeline, for runners that start workers as processes.

A runner passes a worker its id and the address of a provision service, which has the other settings. A Go program needs
all of them as arguments. In a container, Beam's boot program fetches the settings and the program. Here, the program is
already on the machine.

Usage: GO_PROGRAM=PATH go_worker.py --id=ID --provision_endpoint=ADDRESS
"""

import argparse
import json
import os

import grpc
from apache_beam.portability.api import beam_provision_api_pb2, beam_provision_api_pb2_grpc
from google.protobuf import json_format
from google.protobuf.message import Message


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--id", required=True)
    parser.add_argument("--provision_endpoint", required=True)
    worker, _ = parser.parse_known_args()
    with grpc.insecure_channel(worker.provision_endpoint) as channel:
        stub = beam_provision_api_pb2_grpc.ProvisionServiceStub(channel)
        request = beam_provision_api_pb2.GetProvisionInfoRequest()
        info = stub.GetProvisionInfo(request, metadata=[("worker_id", worker.id)], timeout=60).info
    program = os.environ["GO_PROGRAM"]
    arguments = [
        "--worker=true",
        f"--id={worker.id}",
        f"--logging_endpoint={info.logging_endpoint.url}",
        f"--control_endpoint={info.control_endpoint.url}",
        f"--options={_to_json(info.pipeline_options)}",
    ]
    environment = {**os.environ, "RUNNER_CAPABILITIES": " ".join(info.runner_capabilities)}
    os.execve(program, [program, *arguments], environment)


def _to_json(options: Message) -> str:
    # Numbers in a protobuf Struct are floats, and Go does not accept 2.0 as an integer.
    return json.dumps(json.loads(json_format.MessageToJson(options), parse_float=_number))


def _number(text: str) -> float | int:
    number = float(text)
    return int(number) if number.is_integer() else number


if __name__ == "__main__":
    main()
