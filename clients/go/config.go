package hfbeam

import "encoding/json"

// Config is the config of a transform: a Pipeline, an Embedding, a Tensor, or the result of FromJSON.
//
// Fields that you leave out have the defaults that `hf-beam describe` lists. Only the service checks the fields, when the
// transform is built, so that the rules are the same in all languages.
type Config interface {
	toDocument() (document, error)
}

// Pipeline runs any task of the transformers library's pipelines. It needs a Task, a Model or both.
type Pipeline struct {
	// Task is a task of the transformers library, or an alias of one. Default: the model's own.
	Task string `json:"task,omitempty"`
	// Model is an id on the hub, or a directory that the service's operator allows.
	Model string `json:"model,omitempty"`
	// Inputs maps arguments of the model ("text" for all models that take one text) to fields of the input row. It is
	// needed only if their names differ and more than one field has a suitable type.
	Inputs map[string]string `json:"inputs,omitempty"`
	// InferenceArgs are arguments for each call of the model, as the transformers library takes them.
	InferenceArgs Args `json:"inference_args,omitempty"`

	Options
}

// Embedding computes one vector per text. It needs a Model.
type Embedding struct {
	// Model is an id on the hub, or a directory that the service's operator allows.
	Model string `json:"model,omitempty"`
	// Inputs maps the argument "text" to a field of the input row. It is needed only if the field has another name and
	// more than one field is a string.
	Inputs map[string]string `json:"inputs,omitempty"`
	// Pooling is how the vectors of a text's tokens are combined into one: "auto" (as in the model's own files), "mean",
	// "cls", "max" or "last_token".
	Pooling string `json:"pooling,omitempty"`
	// Normalize scales each vector to length 1, so that a dot product is a cosine. Default: as the model's
	// sentence-transformers files say.
	Normalize *bool `json:"normalize,omitempty"`
	// Prompt is put before each text, for models that were trained with one.
	Prompt string `json:"prompt,omitempty"`
	// Dimensions keeps only the first N values of each vector, for models that were trained for it.
	Dimensions int `json:"dimensions,omitempty"`
	// VectorEncoding is "array" ([]float32) or "bytes" ([]byte of 32-bit floats, little-endian: smaller and faster).
	VectorEncoding string `json:"vector_encoding,omitempty"`
	// InferenceArgs are arguments for each call of the model, as the transformers library takes them.
	InferenceArgs Args `json:"inference_args,omitempty"`

	Options
}

// Tensor runs any model class of the transformers library on tensors that the pipeline has prepared: fields that are
// slices of numbers, or structs of dtype, shape and data. It needs a Model. It does not support the options MaxLength and
// Truncation.
type Tensor struct {
	// Model is an id on the hub, or a directory that the service's operator allows.
	Model string `json:"model,omitempty"`
	// ModelClass is a model class of the transformers library. Default: the class in the model's own config.
	ModelClass string `json:"model_class,omitempty"`
	// Method is "forward" (the default), or "generate" for models that generate tokens.
	Method string `json:"method,omitempty"`
	// Inputs maps arguments of the model to fields of the input row. It is needed only if the fields do not have the names
	// of the arguments ("input_ids", "pixel_values", …).
	Inputs map[string]string `json:"inputs,omitempty"`
	// Outputs are the names of the outputs to return; for arrays, also their type and rank, as in "logits:float32[1]".
	// Default: the usual outputs of the model's class.
	Outputs []string `json:"outputs,omitempty"`
	// TensorEncoding is "bytes" (structs of dtype, shape and data; the default) or "array" (slices).
	TensorEncoding string `json:"tensor_encoding,omitempty"`
	// InferenceArgs are arguments for each call of the model, as the transformers library takes them.
	InferenceArgs Args `json:"inference_args,omitempty"`

	Options
}

// Options are the fields that all configs share: how the model is loaded and run.
type Options struct {
	// Revision is a branch, tag or commit. It is resolved to a commit when the transform is built.
	Revision string `json:"revision,omitempty"`
	// Framework is "pt" (PyTorch) or "tf" (TensorFlow). Default: the framework of the model's files, or the one that is
	// installed on the workers.
	Framework string `json:"framework,omitempty"`
	// Dtype is the dtype that the model computes in: "auto" (the checkpoint's own dtype), "float32", "bfloat16", "float16"
	// or "fastest" (chosen on the worker).
	Dtype string `json:"dtype,omitempty"`
	// Quantization is "int8": linear layers compute in 8 bits, in PyTorch on the CPU. Default: no quantization.
	Quantization string `json:"quantization,omitempty"`
	// Device is where the model runs: "auto", "cpu", "gpu" (falls back to the CPU) or "gpu-required".
	Device string `json:"device,omitempty"`
	// MaxLength is the maximum number of tokens of a text. Default: the model's own limit.
	MaxLength int `json:"max_length,omitempty"`
	// Truncation truncates longer texts (true, the default) or makes them fail with InputTooLong (false).
	Truncation *bool `json:"truncation,omitempty"`
	// LoadArgs are arguments for loading the model, as the transformers library takes them.
	LoadArgs Args `json:"load_args,omitempty"`
	// Token is a reference to the token for a gated model, "env:NAME" or "file:/PATH". It is never the token itself.
	Token string `json:"token,omitempty"`
	// Batching limits the size of a forward pass.
	Batching Batching `json:"batching,omitzero"`
	// Resources are hints for the runner.
	Resources Resources `json:"resources,omitzero"`
	// Update loads newer commits of the model while the pipeline runs. Default: the commit does not change.
	Update Update `json:"update,omitzero"`
}

// Batching limits the size of a forward pass. Zero means the service's default limit.
type Batching struct {
	// MaxBatchSize is the maximum number of elements.
	MaxBatchSize int `json:"max_batch_size,omitempty"`
	// MaxTokensPerBatch is the maximum number of tokens, including padding.
	MaxTokensPerBatch int `json:"max_tokens_per_batch,omitempty"`
	// MaxWaitMS combines elements of several bundles, for unbounded inputs. It is the maximum time that an element waits,
	// in milliseconds. Default: a forward pass has only elements of the same bundle.
	MaxWaitMS int `json:"max_wait_ms,omitempty"`
}

// Resources are Beam's resource hints, which tell the runner what the workers of this transform need.
type Resources struct {
	// Accelerator is for example "type:nvidia-tesla-t4;count:1".
	Accelerator string `json:"accelerator,omitempty"`
	// MinRAM is for example "8GiB".
	MinRAM string `json:"min_ram,omitempty"`
}

// Update loads newer commits of the model from the hub while the pipeline runs. Without it, the commit is fixed when the
// transform is built. The field model_id of each row says which commit produced the result.
type Update struct {
	// WatchRevision is the branch or tag with the updates. It is required.
	WatchRevision string `json:"watch_revision,omitempty"`
	// IntervalS is the number of seconds between two checks for a newer commit. Default: 300.
	IntervalS int `json:"interval_s,omitempty"`
}

// Args are arguments by name. The values are those that JSON can represent.
type Args map[string]any

// MarshalJSON returns a string that holds a JSON object, because the config is sent as a row, which has a fixed schema.
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
