"""Tiny real models of images and videos."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import transformers

from tests.tiny_settings import MEAN, NAMED, SIDE, VISION, write


def vit_processor(**settings: Any) -> Any:
    return transformers.ViTImageProcessor(size={"height": SIDE, "width": SIDE}, **MEAN, **settings)


def image_classification(directory: Path) -> None:
    write(directory, "ViTForImageClassification", transformers.ViTConfig(**VISION, **NAMED), vit_processor())


def image_feature_extraction(directory: Path) -> None:
    write(directory, "ViTModel", transformers.ViTConfig(**VISION), vit_processor())


def resnet_config(**settings: Any) -> Any:
    return transformers.ResNetConfig(
        embedding_size=8, hidden_sizes=[8, 8, 16, 16], depths=[1, 1, 1, 1], layer_type="basic", **settings
    )


def image_feature_maps(directory: Path) -> None:
    """A convolutional network: its features have rank 3."""
    write(directory, "ResNetModel", resnet_config(), vit_processor())


def detr_config(**settings: Any) -> Any:
    return transformers.DetrConfig(
        use_timm_backbone=False,
        use_pretrained_backbone=False,
        backbone=None,
        backbone_config=resnet_config(out_features=["stage1", "stage2", "stage3", "stage4"]),
        d_model=32,
        num_queries=8,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=8,
        decoder_attention_heads=8,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        init_std=0.4,
        init_xavier_std=2.0,
        **NAMED,
        **settings,
    )


def detr_processor() -> Any:
    return transformers.DetrImageProcessor(size={"shortest_edge": SIDE, "longest_edge": 2 * SIDE}, **MEAN)


def object_detection(directory: Path) -> None:
    """A DETR: images keep their proportions, so that a batch is ragged."""
    write(directory, "DetrForObjectDetection", detr_config(), detr_processor())


# An encoder of two blocks, the second of half the size.
PYRAMID: dict[str, Any] = {
    "num_encoder_blocks": 2,
    "depths": [1, 1],
    "sr_ratios": [2, 1],
    "hidden_sizes": [16, 32],
    "patch_sizes": [7, 3],
    "strides": [4, 2],
    "num_attention_heads": [1, 2],
    "mlp_ratios": [2, 2],
    "decoder_hidden_size": 16,
}


def image_segmentation(directory: Path) -> None:
    config = transformers.SegformerConfig(
        **PYRAMID,
        initializer_range=0.4,
        **NAMED,
    )
    processor = transformers.SegformerImageProcessor(size={"height": SIDE, "width": SIDE}, **MEAN)
    write(directory, "SegformerForSemanticSegmentation", config, processor)


def panoptic_segmentation(directory: Path) -> None:
    """A DETR whose segments have scores."""
    write(directory, "DetrForSegmentation", detr_config(), detr_processor())


def depth_estimation(directory: Path) -> None:
    config = transformers.GLPNConfig(
        **PYRAMID,
        initializer_range=0.2,
    )
    write(directory, "GLPNForDepthEstimation", config, transformers.GLPNImageProcessor(size_divisor=32))


def image_to_image(directory: Path) -> None:
    config = transformers.Swin2SRConfig(
        image_size=16, embed_dim=16, depths=[1, 1], num_heads=[2, 2], window_size=4, upscale=2, initializer_range=0.05
    )
    write(directory, "Swin2SRForImageSuperResolution", config, transformers.Swin2SRImageProcessor(pad_size=4))


def mask_generation(directory: Path) -> None:
    config = transformers.SamConfig(
        vision_config={
            **VISION,
            "image_size": 64,
            "output_channels": 16,
            "num_pos_feats": 8,
            "window_size": 2,
            "global_attn_indexes": [1],
            "mlp_dim": 64,
        },
        prompt_encoder_config={"hidden_size": 16, "image_size": 64, "patch_size": 8, "mask_input_channels": 8},
        mask_decoder_config={
            "hidden_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "mlp_dim": 32,
            "iou_head_hidden_dim": 16,
        },
    )
    processor = transformers.SamImageProcessor(
        size={"longest_edge": 64}, pad_size={"height": 64, "width": 64}, mask_size={"longest_edge": 32}, **MEAN
    )
    write(directory, "SamModel", config, processor)


def keypoint_matching(directory: Path) -> None:
    config = transformers.SuperGlueConfig(
        keypoint_detector_config=transformers.SuperPointConfig(
            encoder_hidden_sizes=[8, 8, 16, 16],
            decoder_hidden_size=16,
            keypoint_decoder_dim=65,
            descriptor_decoder_dim=32,
            keypoint_threshold=0.0,
            max_keypoints=20,
            border_removal_distance=2,
        ),
        hidden_size=32,
        keypoint_encoder_sizes=[16, 32],
        gnn_layers_types=["self", "cross"],
        num_attention_heads=4,
        matching_threshold=0.0,
        initializer_range=0.2,
    )
    processor = transformers.SuperGlueImageProcessor(size={"height": 2 * SIDE, "width": 2 * SIDE})
    write(directory, "SuperGlueForKeypointMatching", config, processor)


def video_classification(directory: Path) -> None:
    config = transformers.VideoMAEConfig(**VISION, num_frames=4, tubelet_size=2, **NAMED)
    processors = [
        transformers.VideoMAEImageProcessor(
            size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE}, **MEAN
        )
    ]
    write(directory, "VideoMAEForVideoClassification", config, *processors)
