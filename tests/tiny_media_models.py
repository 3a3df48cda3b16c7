"""Tiny real models of images, sound and video, as tests/tiny_models.py has them of texts.

Each is written when a test first asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests import model_cache
from tests import tiny_audio_models as audio
from tests import tiny_image_models as image
from tests import tiny_multimodal_models as multimodal

WRITERS: dict[str, Callable[[Path], None]] = {
    "image-classification": image.image_classification,
    "image-feature-extraction": image.image_feature_extraction,
    "image-feature-maps": image.image_feature_maps,
    "object-detection": image.object_detection,
    "image-segmentation": image.image_segmentation,
    "panoptic-segmentation": image.panoptic_segmentation,
    "depth-estimation": image.depth_estimation,
    "image-to-image": image.image_to_image,
    "mask-generation": image.mask_generation,
    "keypoint-matching": image.keypoint_matching,
    "video-classification": image.video_classification,
    "audio-classification": audio.audio_classification,
    "automatic-speech-recognition": audio.speech_recognition,
    "whisper": audio.whisper,
    "zero-shot-audio-classification": audio.zero_shot_audio_classification,
    "text-to-audio": audio.text_to_audio,
    "zero-shot-image-classification": multimodal.zero_shot_image_classification,
    "zero-shot-object-detection": multimodal.zero_shot_object_detection,
    "visual-question-answering": multimodal.visual_question_answering,
    "generative-visual-question-answering": multimodal.generative_visual_question_answering,
    "image-to-text": multimodal.image_to_text,
    "document-question-answering": multimodal.document_question_answering,
    "table-question-answering": multimodal.table_question_answering,
    "image-text-to-text": multimodal.image_text_to_text,
    "chat": multimodal.chat,
}


def directory(name: str) -> Path:
    """The directory of a tiny model, as `save_pretrained` writes it."""
    return model_cache.directory(f"media/{name}", WRITERS[name])
