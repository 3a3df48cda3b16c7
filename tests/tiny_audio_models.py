"""Tiny real models of sound."""

from __future__ import annotations

import json
import string
from pathlib import Path
from typing import Any

import tokenizers
import transformers

from tests.tiny_models import byte_pair_tokenizer
from tests.tiny_settings import NAMED, RATE, SIZES, text_tower_tokenizer, write


def wav2vec2_config(**settings: Any) -> Any:
    return transformers.Wav2Vec2Config(
        **SIZES,
        conv_dim=[16, 16, 16],
        conv_stride=[5, 4, 4],
        conv_kernel=[10, 8, 4],
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=4,
        classifier_proj_size=16,
        **settings,
    )


def audio_classification(directory: Path) -> None:
    processor = transformers.Wav2Vec2FeatureExtractor(sampling_rate=RATE)
    write(directory, "Wav2Vec2ForSequenceClassification", wav2vec2_config(**NAMED), processor)


def speech_recognition(directory: Path) -> None:
    """A Wav2Vec2 that gives a letter for each moment (CTC)."""
    vocabulary = {token: i for i, token in enumerate(["<pad>", "|", "<unk>", *string.ascii_uppercase])}
    (directory / "vocab.json").write_text(json.dumps(vocabulary))
    tokenizer = transformers.Wav2Vec2CTCTokenizer(str(directory / "vocab.json"), bos_token=None, eos_token=None)
    processor = transformers.Wav2Vec2FeatureExtractor(sampling_rate=RATE)
    config = wav2vec2_config(vocab_size=len(vocabulary), pad_token_id=0)
    write(directory, "Wav2Vec2ForCTC", config, tokenizer, processor)


def whisper(directory: Path) -> None:
    """A Whisper that hears two seconds at once, and writes eight tokens."""
    first = ["<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|transcribe|>", "<|notimestamps|>"]
    stamps = [f"<|{i * 0.02:.2f}|>" for i in range(101)]
    backend = byte_pair_tokenizer(ends_with_eos=False, pad_token=None).backend_tokenizer
    backend.add_special_tokens(first)
    backend.add_special_tokens([tokenizers.AddedToken(stamp, special=False) for stamp in stamps])
    backend.save(str(directory / "tokenizer.json"))
    merges = json.loads((directory / "tokenizer.json").read_text())["model"]["merges"]
    (directory / "vocab.json").write_text(json.dumps(backend.get_vocab()))
    (directory / "merges.txt").write_text("\n".join(" ".join(merge) for merge in merges))
    settings = {"tokenizer_class": "WhisperTokenizer", "additional_special_tokens": first[1:]}
    named = dict.fromkeys(("bos_token", "eos_token", "unk_token", "pad_token"), first[0])
    (directory / "tokenizer_config.json").write_text(json.dumps({**settings, **named}))
    end, start, _, _, no_stamps = (backend.token_to_id(token) for token in first)
    config = transformers.WhisperConfig(
        vocab_size=backend.get_vocab_size(),
        d_model=32,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        num_mel_bins=16,
        max_source_positions=100,
        max_target_positions=64,
        init_std=0.4,
        pad_token_id=end,
        bos_token_id=end,
        eos_token_id=end,
        decoder_start_token_id=start,
        suppress_tokens=[],
        begin_suppress_tokens=[],
    )
    processor = transformers.WhisperFeatureExtractor(feature_size=16, chunk_length=2)
    write(
        directory,
        "WhisperForConditionalGeneration",
        config,
        processor,
        is_multilingual=False,
        no_timestamps_token_id=no_stamps,
        suppress_tokens=[],
        begin_suppress_tokens=[],
        alignment_heads=[[0, 0]],
    )


def zero_shot_audio_classification(directory: Path) -> None:
    tokenizer = text_tower_tokenizer()
    text = {
        **SIZES,
        "vocab_size": len(tokenizer),
        "max_position_embeddings": 70,
        "pad_token_id": tokenizer.pad_token_id,
    }
    audio = {
        "spec_size": 64,
        "num_mel_bins": 16,
        "window_size": 4,
        "patch_size": 4,
        "patch_stride": [4, 4],
        "patch_embeds_hidden_size": 16,
        "hidden_size": 32,
        "depths": [1, 1],
        "num_attention_heads": [2, 2],
        "initializer_factor": 20.0,
    }
    config = transformers.ClapConfig(text_config=text, audio_config=audio, projection_dim=16, initializer_factor=20.0)
    processor = transformers.ClapFeatureExtractor(
        feature_size=16,
        sampling_rate=RATE,
        hop_length=160,
        max_length_s=1,
        fft_window_size=256,
        truncation="rand_trunc",
    )
    write(directory, "ClapModel", config, tokenizer, processor)


def text_to_audio(directory: Path) -> None:
    """A VITS without its noise, which would make each call's sound another."""
    (directory / "vocab.json").write_text(json.dumps({c: i for i, c in enumerate("_ " + string.ascii_lowercase)}))
    tokenizer = transformers.VitsTokenizer(
        str(directory / "vocab.json"), pad_token="_", unk_token="_", phonemize=False, is_uroman=False
    )
    config = transformers.VitsConfig(
        vocab_size=28,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        ffn_dim=32,
        flow_size=16,
        spectrogram_bins=8,
        duration_predictor_num_flows=2,
        duration_predictor_filter_channels=16,
        prior_encoder_num_flows=1,
        prior_encoder_num_wavenet_layers=1,
        posterior_encoder_num_wavenet_layers=1,
        upsample_initial_channel=4,
        upsample_rates=[8, 2],
        upsample_kernel_sizes=[16, 4],
        resblock_kernel_sizes=[3],
        resblock_dilation_sizes=[[1]],
        noise_scale=0.0,
        noise_scale_duration=0.0,
        sampling_rate=RATE,
        initializer_range=0.2,
    )
    write(directory, "VitsModel", config, tokenizer)
