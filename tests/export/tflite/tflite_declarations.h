// The calls of TensorFlow Lite that the README's programs make, as its public headers declare them.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

enum TfLiteStatus { kTfLiteOk = 0, kTfLiteError = 1 };

struct TfLiteTensor {
  union {
    int32_t* i32;
    float* f;
    char* raw;
  } data;
  size_t bytes;
};

namespace tflite {

class OpResolver {};
class MicroOpResolver {};
class Model;
const Model* GetModel(const void* buffer);

class FlatBufferModel {
 public:
  static std::unique_ptr<FlatBufferModel> BuildFromFile(const char* filename);
};

class Interpreter {
 public:
  const std::vector<int>& inputs() const;
  TfLiteStatus ResizeInputTensor(int tensor_index, const std::vector<int>& dims);
  TfLiteStatus AllocateTensors();
  TfLiteStatus Invoke();
  template <class T> T* typed_input_tensor(int index);
  template <class T> T* typed_output_tensor(int index);
};

class InterpreterBuilder {
 public:
  InterpreterBuilder(const FlatBufferModel& model, const OpResolver& op_resolver);
  TfLiteStatus operator()(std::unique_ptr<Interpreter>* interpreter);
};

namespace ops::builtin {
class BuiltinOpResolver : public OpResolver {};
}  // namespace ops::builtin

class MicroInterpreter {
 public:
  MicroInterpreter(const Model* model, const MicroOpResolver& op_resolver, uint8_t* tensor_arena, size_t tensor_arena_size);
  TfLiteStatus AllocateTensors();
  TfLiteStatus Invoke();
  TfLiteTensor* input(size_t index);
  TfLiteTensor* output(size_t index);
  size_t inputs_size() const;
};

}  // namespace tflite
