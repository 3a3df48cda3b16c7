package hfbeam

import "encoding/json"

// Config says what to do with which model: a Pipeline, an Embedding, a Tensor, or what FromJSON read.
//
// What a config leaves out has the default that `hf-beam describe` lists. The service checks all fields when the
// transform is built, and only the service does, so that all languages have the same rules.
type Config interface {
	toDocument() (document, error)
}

// Pipeline is any task of the transformers library's pipelines. It needs a Task, a Model or both.
type Pipeline struct {
	// Task is a task of the transformers library, or an alias of one. Default: the model's own.
	Task string `json:"task,omitempty"`
	// Model is an id on the hub, or a directory that the operator of the service allows.
	Model string `json:"model,omitempty"`
	// Inputs are the fields of the input row that are arguments of the model, by argument ("text" for all that takes
	// one text). Needed only where they are not named alike and more than one field would fit.
	Inputs map[string]string `json:"inputs,omitempty"`
	// InferenceArgs are arguments for each call of the model, as the transformers library takes them.
	InferenceArgs Args `json:"inference_args,omitempty"`

	Options
}

// Embedding is one vector for each text. It needs a Model.
type Embedding struct {
	// Model is an id on the hub, or a directory that the operator of the service allows.
	Model string `json:"model,omitempty"`
	// Inputs is the field of the input row that is the argument "text". Needed only where it has another name and more
	// than one field is a string.
	Inputs map[string]string `json:"inputs,omitempty"`
	// Pooling is how the vectors of a text's tokens become one: "auto" (as the model's own files say), "mean", "cls",
	// "max" or "last_token".
	Pooling string `json:"pooling,omitempty"`
	// Normalize scales each vector to length 1, so that a dot product is a cosine. Default: true.
	Normalize *bool `json:"normalize,omitempty"`
	// Prompt is put before each text, for models that were trained with one.
	Prompt string `json:"prompt,omitempty"`
	// Dimensions keeps only the first so many values of each vector, for models that were trained for it.
	Dimensions int `json:"dimensions,omitempty"`
	// VectorEncoding is "array" ([]float32) or "bytes" ([]byte of 32-bit floats, little-endian: smaller and faster).
	VectorEncoding string `json:"vector_encoding,omitempty"`
	// InferenceArgs are arguments for each call of the model, as the transformers library takes them.
	InferenceArgs Args `json:"inference_args,omitempty"`

	Options
}

// Tensor is any model class of the transformers library, on tensors of the pipeline's own: fields of numbers in slices,
// or structs of dtype, shape and data. It needs a Model. The options MaxLength and Truncation are not for it.
type Tensor struct {
	// Model is an id on the hub, or a directory that the operator of the service allows.
	Model string `json:"model,omitempty"`
	// ModelClass is a model class of the transformers library. Default: that of the model's own config.
	ModelClass string `json:"model_class,omitempty"`
	// Method is "forward" (the default), or "generate" for models that make tokens from tokens.
	Method string `json:"method,omitempty"`
	// Inputs are the fields of the input row that are arguments of the model, by argument. Needed only where they are
	// not named as the model has them ("input_ids", "pixel_values", …).
	Inputs map[string]string `json:"inputs,omitempty"`
	// Outputs are the names of the outputs to return; with arrays also their type and rank, as in "logits:float32[1]".
	// Default: the usual ones of the model's class.
	Outputs []string `json:"outputs,omitempty"`
	// TensorEncoding is "bytes" (structs of dtype, shape and data; the default) or "array" (slices).
	TensorEncoding string `json:"tensor_encoding,omitempty"`
	// InferenceArgs are arguments for each call of the model, as the transformers library takes them.
	InferenceArgs Args `json:"inference_args,omitempty"`

	Options
}

// Options are what all configs have besides: how the model is loaded and run.
type Options struct {
	// Revision is a branch, tag or commit. It is resolved to a commit when the transform is built.
	Revision string `json:"revision,omitempty"`
	// Framework is "pt" (PyTorch) or "tf" (TensorFlow). Default: that of the model's files, or the one that workers have.
	Framework string `json:"framework,omitempty"`
	// Dtype is what the model computes with: "auto" (the checkpoint's own), "float32", "bfloat16", "float16" or
	// "fastest" (chosen on the worker).
	Dtype string `json:"dtype,omitempty"`
	// Quantization is "int8": linear layers compute in 8 bits, in PyTorch on the processor. Default: none.
	Quantization string `json:"quantization,omitempty"`
	// Device is where the model computes: "auto", "cpu", "gpu" (falls back to the processor) or "gpu-required".
	Device string `json:"device,omitempty"`
	// MaxLength is how many tokens of a text are read. Default: the model's own limit.
	MaxLength int `json:"max_length,omitempty"`
	// Truncation cuts longer texts (true, the default) or makes them InputTooLong (false).
	Truncation *bool `json:"truncation,omitempty"`
	// LoadArgs are arguments for loading the model, as the transformers library takes them.
	LoadArgs Args `json:"load_args,omitempty"`
	// Token says where the token for a gated model is, "env:NAME" or "file:/PATH". It is never the token itself.
	Token string `json:"token,omitempty"`
	// Batching caps one forward pass.
	Batching Batching `json:"batching,omitzero"`
	// Resources are hints for the runner.
	Resources Resources `json:"resources,omitzero"`
	// Update follows a branch of the model while the pipeline runs. Default: the commit stays what it was.
	Update Update `json:"update,omitzero"`
}

// Batching caps one forward pass. Zero is no cap of yours: the service has its own.
type Batching struct {
	// MaxBatchSize is the most elements.
	MaxBatchSize int `json:"max_batch_size,omitempty"`
	// MaxTokensPerBatch is the most tokens, padding counted.
	MaxTokensPerBatch int `json:"max_tokens_per_batch,omitempty"`
	// MaxWaitMS gathers elements of several bundles, each for at most so many milliseconds: for unbounded inputs.
	// Default: a forward pass holds what its bundle holds.
	MaxWaitMS int `json:"max_wait_ms,omitempty"`
}

// Resources are Beam's resource hints: what the runner should give the workers of this transform.
type Resources struct {
	// Accelerator is for example "type:nvidia-tesla-t4;count:1".
	Accelerator string `json:"accelerator,omitempty"`
	// MinRAM is for example "8GiB".
	MinRAM string `json:"min_ram,omitempty"`
}

// Update is which branch of the hub's model to follow while the pipeline runs. It is the only exception to the commit that
// is fixed when the transform is built; model_id says which one answered.
type Update struct {
	// WatchRevision is the branch or tag. It is needed.
	WatchRevision string `json:"watch_revision,omitempty"`
	// IntervalS is how many seconds lie between two looks at it. Default: 300.
	IntervalS int `json:"interval_s,omitempty"`
}

// Args are arguments by name: what JSON can hold.
type Args map[string]any

// MarshalJSON gives a string that holds a JSON object: a row, as which the config travels, cannot be open-ended.
func (a Args) MarshalJSON() ([]byte, error) {
	object, err := json.Marshal(map[string]any(a))
	if err != nil {
		return nil, err
	}
	return json.Marshal(string(object))
}

func (c Pipeline) toDocument() (document, error) { return newDocument("pipeline", c) }

func (c Embedding) toDocument() (document, error) { return newDocument("embedding", c) }

func (c Tensor) toDocument() (document, error) { return newDocument("tensor", c) }
