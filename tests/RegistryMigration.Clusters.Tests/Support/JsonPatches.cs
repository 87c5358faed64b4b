using System.Text.Json.Nodes;

namespace RegistryMigration.Clusters.Tests.Support;

/// <summary>Changes documents as an API server does: RFC 6902 (test, add, remove, replace) and RFC 7386. The originals stay as they are.</summary>
internal static class JsonPatches
{
    /// <exception cref="FormatException">A test failed, or a place is not there. Nothing is changed.</exception>
    public static JsonObject Apply(JsonObject document, JsonArray operations)
    {
        var result = document.DeepClone();
        foreach (var operation in operations.OfType<JsonObject>())
        {
            var path = JsonPointer.Parse((string?)operation["path"] ?? throw new FormatException("An operation has no path."));
            var op = (string?)operation["op"];
            switch (op)
            {
                case "test":
                    if (!JsonNode.DeepEquals(path.Read(result), operation["value"]))
                        throw new FormatException($"testing value {path} failed");
                    break;
                case "add":
                case "replace":
                    Set(result, path, operation["value"]?.DeepClone(), replace: op == "replace");
                    break;
                case "remove":
                    Remove(result, path);
                    break;
                default:
                    throw new FormatException($"'{op}' is no operation that is supported here.");
            }
        }

        return result.AsObject();
    }

    /// <summary>RFC 7386: objects are merged, null deletes, everything else is replaced.</summary>
    public static JsonObject Merge(JsonObject document, JsonObject patch)
    {
        var result = document.DeepClone().AsObject();
        foreach (var (name, value) in patch)
        {
            if (value is null)
                result.Remove(name);
            else if (value is JsonObject deeper)
                result[name] = Merge(result[name] as JsonObject ?? [], deeper);
            else
                result[name] = value.DeepClone();
        }

        return result;
    }

    private static void Set(JsonNode root, JsonPointer path, JsonNode? value, bool replace)
    {
        if (replace)
            path.Read(root);
        switch (path.Resolve(root))
        {
            case (JsonObject named, var name):
                named[name] = value;
                break;
            case (JsonArray array, var index) when replace:
                array[JsonPointer.Index(array, index, end: false)] = value;
                break;
            case (JsonArray array, var index):
                array.Insert(JsonPointer.Index(array, index, end: true), value);
                break;
            default:
                throw new FormatException($"'{path}' lies in a value that has no parts.");
        }
    }

    private static void Remove(JsonNode root, JsonPointer path)
    {
        path.Read(root);
        switch (path.Resolve(root))
        {
            case (JsonObject named, var name):
                named.Remove(name);
                break;
            case (JsonArray array, var index):
                array.RemoveAt(JsonPointer.Index(array, index, end: false));
                break;
            default:
                throw new FormatException($"'{path}' lies in a value that has no parts.");
        }
    }
}
