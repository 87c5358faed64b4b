using System.Text.Json.Nodes;

namespace RegistryMigration.Lab.Cluster;

/// <summary>An answer of the registry's API that is an error: endpoints/v2/errors.py.</summary>
internal sealed class QuayError(string code, string message, int status, string? detail = null, bool readOnly = false) : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>Repository and actions that a token has to allow; null where nothing is to be said of them.</summary>
    public string? Scope { get; private init; }

    /// <summary>The body.</summary>
    public JsonObject Body
    {
        get
        {
            var error = new JsonObject { ["code"] = code, ["message"] = Message, ["detail"] = detail is null ? new JsonObject() : new JsonObject { ["message"] = detail } };
            if (readOnly)
                error["is_readonly"] = true;
            return new JsonObject { ["errors"] = new JsonArray(error) };
        }
    }

    public static QuayError Unauthorized(string? scope = null) => new("UNAUTHORIZED", "access to the requested resource is not authorized", 401) { Scope = scope };

    public static QuayError BlobUnknown() => new("BLOB_UNKNOWN", "blob unknown to registry", 404);

    public static QuayError UploadUnknown() => new("BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry", 404);

    public static QuayError UploadInvalid() => new("BLOB_UPLOAD_INVALID", "blob upload invalid", 400);

    public static QuayError ManifestInvalid(string? detail, int status = 400) => new("MANIFEST_INVALID", "manifest invalid", status, detail);

    public static QuayError ManifestUnknown() => new("MANIFEST_UNKNOWN", "manifest unknown", 404);

    public static QuayError NameUnknown() => new("NAME_UNKNOWN", "repository not found", 404);

    public static QuayError Unsupported() => new("UNSUPPORTED", "The operation is unsupported.", 405);

    public static QuayError ReadOnlyMode() => new("DENIED", "System is currently read-only. Pulls will succeed but all write operations are currently suspended.", 405, readOnly: true);

    public static QuayError PushesDisabled() => new("METHOD NOT ALLOWED", "Pushes to the registry are currently disabled. Please contact the administrator for more information.", 405);
}
