"""yaml_text: nested dicts and lists as YAML in flow style, every scalar quoted; None is left out."""


def dump(value):
    if isinstance(value, dict):
        return "{ %s }" % ",\n  ".join(f"{key}: {dump(item)}" for key, item in value.items()
                                       if item is not None)
    if isinstance(value, list):
        return "[%s]" % ", ".join(dump(item) for item in value)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')
