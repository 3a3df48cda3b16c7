"""The tasks that take images or videos."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from hf_handlers.allowed_arguments import values
from hf_handlers.tasks import arguments as kinds
from hf_handlers.tasks import outputs
from hf_handlers.tasks.arguments import Argument
from hf_handlers.tasks.task import Arguments, Task, whole
from hf_handlers.tasks.text import FUNCTION


def _features(arguments: Arguments) -> Any:
    """One vector if the call asks for the model's pooled output, else an array of the model's own shape."""
    return list[np.float32] if arguments.get("pool") else outputs.Array


def _array(values: Any) -> dict[str, Any]:
    values = np.ascontiguousarray(values, dtype="<f4")
    return {"dtype": "float32", "shape": list(values.shape), "data": values.tobytes()}


def _feature_values(raw: list[Any]) -> Any:
    (values,) = raw  # the batch dimension is 1
    return values if isinstance(values[0], float) else _array(values)


IMAGE = Argument("image", kinds.IMAGE, also=("images", "inputs"))
LABELS = Argument("candidate_labels", kinds.LABELS)
TEMPLATE = Argument("hypothesis_template", kinds.TEMPLATE, required=False)
_PIXELS = values.integer(1, 8192)
_COLOURS = values.list_of(values.number(), least=1, most=4)
_IMAGE_PROCESSOR: values.Arguments = {
    "do_resize": bool,
    "size": _PIXELS | values.object_of(Literal["height", "width", "shortest_edge", "longest_edge"], _PIXELS),
    "resample": values.integer(0, 5),
    "do_center_crop": bool,
    "crop_size": _PIXELS | values.object_of(Literal["height", "width"], _PIXELS),
    "do_rescale": bool,
    "rescale_factor": values.number(),
    "do_normalize": bool,
    "image_mean": _COLOURS,
    "image_std": _COLOURS,
}
_NO_TENSORS = {"return_tensors": "Numbers are returned; leave it out."}

IMAGE_TASKS: tuple[Task, ...] = (
    Task(
        "image-classification",
        arguments=(IMAGE,),
        output=lambda arguments: list[outputs.Label],
        inference_args={"top_k": values.COUNT, "function_to_apply": FUNCTION},
        default=("google/vit-base-patch16-224", "3f49326"),
        architectures=("ForImageClassification", "ForImageClassificationWithTeacher"),
        truncation=None,
        batches="equal",
        tensorflow=True,
    ),
    Task(
        "zero-shot-object-detection",
        arguments=(IMAGE, Argument("candidate_labels", kinds.LABELS, also=("text_queries",))),
        output=lambda arguments: list[outputs.Detection],
        inference_args={"threshold": values.SHARE, "top_k": values.COUNT},
        default=("google/owlvit-base-patch32", "cbc355f"),
        architectures=(
            "OwlViTForObjectDetection",
            "Owlv2ForObjectDetection",
            "GroundingDinoForObjectDetection",
            "OmDetTurboForObjectDetection",
        ),
        truncation=None,
        batches="equal",
        packs=whole,
    ),
    Task(
        "object-detection",
        arguments=(IMAGE,),
        output=lambda arguments: list[outputs.Detection],
        inference_args={"threshold": values.SHARE},
        default=("facebook/detr-resnet-50", "1d5f47b"),
        architectures=("ForObjectDetection",),
        truncation=None,
        batches="equal",
    ),
    Task(
        "image-segmentation",
        arguments=(IMAGE,),
        output=lambda arguments: list[outputs.Segment],
        inference_args={
            "subtask": Literal["semantic", "instance", "panoptic"],
            "threshold": values.SHARE,
            "mask_threshold": values.SHARE,
            "overlap_mask_area_threshold": values.SHARE,
        },
        default=("facebook/detr-resnet-50-panoptic", "d53b52a"),
        architectures=(
            "ForSegmentation",
            "ForSemanticSegmentation",
            "ForInstanceSegmentation",
            "ForUniversalSegmentation",
        ),
        truncation=None,
        batches="equal",
    ),
    Task(
        "mask-generation",
        arguments=(IMAGE,),
        output=lambda arguments: list[outputs.Mask],
        inference_args={
            "points_per_batch": values.integer(1, 4096),
            "points_per_crop": values.integer(1, 128),
            "crops_nms_thresh": values.SHARE,
            "pred_iou_thresh": values.number(),
            "stability_score_thresh": values.number(),
            "stability_score_offset": values.number(),
            "mask_threshold": values.number(),
        },
        default=("facebook/sam-vit-huge", "87aecf0"),
        architectures=("SamModel", "SamHQModel", "Sam2Model"),
        refused={
            "output_rle_mask": "Masks are returned as images; leave it out.",
            "output_bboxes_mask": "Masks are returned as images; leave it out.",
        },
        truncation=None,
        batches="alone",  # a chunk holds points of one image; transformers reads only the first image of a batch
        unpack=lambda raw: [
            {"mask": mask, "score": score} for mask, score in zip(raw["masks"], raw["scores"], strict=True)
        ],
    ),
    Task(
        "depth-estimation",
        arguments=(IMAGE,),
        output=lambda arguments: outputs.Depth,
        default=("Intel/dpt-large", "bc15f29"),
        architectures=("ForDepthEstimation",),
        truncation=None,
        batches="equal",
        unpack=lambda raw: {"depth": raw["depth"], "predicted_depth": _array(raw["predicted_depth"])},
    ),
    Task(
        "image-to-image",
        arguments=(IMAGE,),
        output=lambda arguments: bytes,
        default=("caidas/swin2SR-classical-sr-x2-64", "cee1c92"),
        versions="<5.3",
        architectures=("ForImageSuperResolution", "ForImageToImage"),
        truncation=None,
        batches="equal",
    ),
    Task(
        "keypoint-matching",
        arguments=(Argument("images", kinds.IMAGE_PAIR, also=("inputs",)),),
        output=lambda arguments: list[outputs.Match],
        inference_args={"threshold": values.SHARE},
        default=("magic-leap-community/superglue_outdoor", "f4041f8"),
        architectures=("ForKeypointMatching",),
        truncation=None,
        batches="alone",  # the pipeline keeps the sizes of only one pair
    ),
    Task(
        "image-feature-extraction",
        arguments=(IMAGE,),
        output=_features,
        inference_args={"pool": bool, "image_processor_kwargs": _IMAGE_PROCESSOR},
        default=("google/vit-base-patch16-224", "3f49326"),
        architectures=("Model",),
        accepts=("",),
        refused=_NO_TENSORS,
        truncation=None,
        batches="equal",
        unpack=_feature_values,
        tensorflow=True,
    ),
    Task(
        "video-classification",
        arguments=(Argument("video", kinds.VIDEO, also=("videos", "inputs")),),
        output=lambda arguments: list[outputs.Label],
        inference_args={
            "top_k": values.COUNT,
            "num_frames": values.integer(1, 1024),
            "frame_sampling_rate": values.COUNT,
            "function_to_apply": Literal["sigmoid", "softmax", "none"],
        },
        default=("MCG-NJU/videomae-base-finetuned-kinetics", "488eb9a"),
        architectures=("ForVideoClassification",),
        truncation=None,
        batches="equal",
    ),
)
