"""`seqzoo export`."""

from seqzoo.cli.metadata import read_labels, read_normalization
from seqzoo.cli.own_metric import read_examples, read_metric
from seqzoo.cli.shared import add_model, load, print_json, task_named

NAME = "export"
HELP = "Write a model in a form that runs without seqzoo."
FORMATS = ("saved_model", "tflite", "onnx")
TARGETS = ("interpreter", "compiled", "stream", "micro")
QUANTIZATIONS = ("none", "float16", "dynamic", "int8")
FORMS = ("fused", "loop", "unrolled")


# What only .tflite files have, with its default.
PHONE_OPTIONS = {
    "target": "interpreter",
    "quantization": "none",
    "time_steps": None,
    "batch_size": 1,
    "calibration": None,
    "form": None,
    "tolerance": None,
    "metric": None,
    "data": None,
    "labels": None,
    "normalization": None,
}


def add_arguments(command):
    add_model(command)
    command.add_argument("--format", choices=FORMATS, required=True, help="saved_model: for TensorFlow; onnx: for onnxruntime")
    command.add_argument("--output", metavar="PATH", required=True, help="the folder to make; a NAME.tflite or NAME.onnx")
    command.add_argument("--overwrite", action="store_true", help="replace an earlier export there")
    phone = command.add_argument_group("tflite", "a file of built-in operators, checked against the model")
    phone.add_argument("--target", choices=TARGETS, default="interpreter", help="where it will run")
    phone.add_argument("--quantization", choices=QUANTIZATIONS, default="none", help="smaller weights, or 8-bit arithmetic")
    phone.add_argument(
        "--form", choices=FORMS, help="of recurrent layers: one operator, a loop, every step written out; otherwise the target's"
    )
    phone.add_argument("--time-steps", type=int, metavar="N", help="a fixed length; otherwise any")
    phone.add_argument("--batch-size", type=int, metavar="N", default=1, help="texts a call")
    phone.add_argument(
        "--calibration", metavar="FILE", help="texts, one a line, or a CSV of prices, that decide the scales of int8"
    )
    phone.add_argument(
        "--tolerance",
        type=float,
        metavar="SHARE",
        help="no file that is further from the model, as a share of the greatest output",
    )
    phone.add_argument(
        "--metric", metavar="NAME", help="module:function of (targets, answers), or of keras.metrics: stated for file and model"
    )
    phone.add_argument("--data", metavar="FILE", help="what --metric is taken on: an .npz with inputs and targets, or text,label")
    phone.add_argument("--labels", metavar="FILE", help="names of the classes, one a line, for the file's metadata")
    phone.add_argument(
        "--normalization", metavar="MEAN:STD", help="how you scale the input, (raw - mean) / std, for the metadata; 1,2:0.5,4"
    )


def run(arguments):
    if arguments.format == "tflite":
        return _export_tflite(arguments)
    given = [option for option, default in PHONE_OPTIONS.items() if getattr(arguments, option) != default]
    if given:
        valid, options = (", ".join("--" + name.replace("_", "-") for name in names) for names in (PHONE_OPTIONS, given))
        raise ValueError(f"Only --format tflite takes {valid}. Received: {options} with --format {arguments.format}")
    model = load(arguments.model)
    if arguments.format == "onnx":
        return _export_onnx(model, arguments)
    from seqzoo.export import export_saved_model

    path = export_saved_model(model, arguments.output, overwrite=arguments.overwrite)
    if arguments.json:
        return print_json({"model": model.name, "format": arguments.format, "path": str(path)})
    given, answer = task_named(arguments.model).serving_signature(model)
    print(f"{model.name} is in {path}: signature serving_default, {given} -> {answer}")
    return 0


def _export_onnx(model, arguments):
    from seqzoo.export import export_onnx

    path = export_onnx(model, arguments.output, overwrite=arguments.overwrite)
    size = path.stat().st_size
    if arguments.json:
        return print_json({"model": model.name, "format": arguments.format, "path": str(path), "bytes": size})
    print(f"{model.name} is in {path}: {size:,} bytes; onnxruntime answers as the model does")
    return 0


def _export_tflite(arguments):
    calibration = task_named(arguments.model).read_calibration(arguments.calibration) if arguments.calibration else None
    data = read_examples(arguments.data) if arguments.data else None
    stated = {
        "labels": read_labels(arguments.labels) if arguments.labels else None,
        "normalization": read_normalization(arguments.normalization) if arguments.normalization else None,
    }
    from seqzoo.export.tflite import converter

    converter.start()  # while this process imports TensorFlow too
    model = load(arguments.model)
    from seqzoo.export import export_tflite
    from seqzoo.export.tflite.sidecar import read_sidecar

    names = ("target", "time_steps", "batch_size", "overwrite", "form", "tolerance")
    options = {name: getattr(arguments, name) for name in names} | stated
    options["metric"] = read_metric(arguments.metric) if arguments.metric else None
    quantization = None if arguments.quantization == "none" else arguments.quantization
    path = export_tflite(model, arguments.output, quantization=quantization, calibration=calibration, data=data, **options)
    sidecar = read_sidecar(path)
    if arguments.json:
        return print_json({"model": model.name, "format": arguments.format, "path": str(path), "sidecar": sidecar})
    print(
        f"{model.name} is in {path}: {sidecar['bytes']:,} bytes for {sidecar['runs_on']}; differs from "
        "the model by at "
        f"most {sidecar['measured_error']:.1e} on its checks"
    )
    if "metric" in sidecar:
        of = sidecar["metric"]
        print(f"{of['name']} on {of['examples']:,} examples: {of['file']:.5g}, of the model {of['model']:.5g}")
    return 0
