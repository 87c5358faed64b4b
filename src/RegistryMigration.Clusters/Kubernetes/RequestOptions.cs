using System.Text.Json.Nodes;

namespace RegistryMigration.Clusters.Kubernetes;

/// <summary>Which objects of a type.</summary>
public sealed record ListOptions
{
    /// <summary>All.</summary>
    public static readonly ListOptions All = new();

    /// <summary>A label selector, for example <c>app=x,tier!=y</c>.</summary>
    public string? Labels { get; init; }

    /// <summary>A field selector, for example <c>metadata.name=cluster</c>.</summary>
    public string? Fields { get; init; }

    /// <summary>Objects asked for at a time.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>One object of the type by its name.</summary>
    public static ListOptions Named(string name) => new() { Fields = $"metadata.name={name}" };
}

/// <summary>How to write.</summary>
public sealed record WriteOptions
{
    /// <summary>For real, unknown fields refused where the server can.</summary>
    public static readonly WriteOptions Default = new();

    /// <summary>Everything but the write (<c>dryRun=All</c>): admission and validation run, and the result is what would be stored.</summary>
    public static readonly WriteOptions Try = new() { DryRun = true };

    /// <summary>Only try.</summary>
    public bool DryRun { get; init; }

    /// <summary>Refuse fields that the schema does not know (<c>fieldValidation=Strict</c>; servers before 1.25 ignore it).</summary>
    public bool Strict { get; init; } = true;

    /// <summary>Take fields over from other owners of a server-side apply.</summary>
    public bool Force { get; init; }
}

/// <summary>How to delete.</summary>
public sealed record DeleteOptions
{
    /// <summary>Dependents go in the background.</summary>
    public static readonly DeleteOptions Default = new();

    /// <summary>Background, Foreground or Orphan.</summary>
    public string Propagation { get; init; } = "Background";

    /// <summary>Delete only the object with this uid; another one of the same name is a conflict.</summary>
    public string? Uid { get; init; }

    /// <summary>Delete only in this version.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Only try.</summary>
    public bool DryRun { get; init; }
}

/// <summary>The ways to change parts of an object.</summary>
public enum PatchKind
{
    /// <summary>RFC 7386: objects are merged, null deletes, lists are replaced.</summary>
    Merge,

    /// <summary>RFC 6902: operations in order, with tests.</summary>
    Json,

    /// <summary>Server-side apply under our field manager.</summary>
    Apply,
}

/// <summary>A change of parts of an object.</summary>
/// <param name="Kind">Which way.</param>
/// <param name="Body">The merge document, the list of operations, or the object to apply.</param>
/// <param name="Subresource">A subresource such as <c>status</c> or <c>scale</c>; null is the object itself.</param>
public sealed record Patch(PatchKind Kind, JsonNode Body, string? Subresource = null)
{
    /// <summary>RFC 7386.</summary>
    public static Patch Merge(JsonObject body, string? subresource = null) => new(PatchKind.Merge, body, subresource);

    /// <summary>RFC 6902.</summary>
    public static Patch Operations(params IEnumerable<JsonObject> operations) => new(PatchKind.Json, new JsonArray([.. operations]));

    /// <summary>One operation of RFC 6902: test, add, replace.</summary>
    /// <param name="op">The operation.</param>
    /// <param name="path">A JSON pointer.</param>
    /// <param name="value">The value; it must have no parent.</param>
    public static JsonObject Operation(string op, string path, JsonNode? value) => new() { ["op"] = op, ["path"] = path, ["value"] = value };

    /// <summary>The operation that makes a patch fail when somebody changed the object meanwhile.</summary>
    public static JsonObject UnchangedSince(Resource resource) => Operation("test", "/metadata/resourceVersion", resource?.ResourceVersion);
}

/// <summary>What a watch tells.</summary>
public enum WatchEventKind
{
    /// <summary>There is an object.</summary>
    Added,

    /// <summary>It changed.</summary>
    Modified,

    /// <summary>It is gone; the object is its last known state.</summary>
    Deleted,

    /// <summary>Everything that is there has been told; no object.</summary>
    Synced,
}

/// <summary>One event of a watch.</summary>
public sealed record WatchEvent(WatchEventKind Kind, Resource? Resource);

/// <summary>Which part of a log.</summary>
public sealed record LogOptions
{
    /// <summary>The container; null where the pod has one.</summary>
    public string? Container { get; init; }

    /// <summary>Go on with what is written from now on, until the container ends.</summary>
    public bool Follow { get; init; }

    /// <summary>Lines from the end; null is all.</summary>
    public int? Tail { get; init; }

    /// <summary>Lines not older than this; null is all.</summary>
    public TimeSpan? Since { get; init; }

    /// <summary>The log of the container's previous run.</summary>
    public bool Previous { get; init; }
}

/// <summary>What to run in a container.</summary>
public sealed record ExecOptions
{
    /// <summary>The command and its arguments; no shell is involved, but to count off <see cref="Input"/> where the cluster is older than Kubernetes 1.29.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>The container; null where the pod has one.</summary>
    public string? Container { get; init; }

    /// <summary>What the command reads; null is nothing.</summary>
    public ReadOnlyMemory<byte>? Input { get; init; }
}

/// <summary>What came of a command in a container.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it wrote to its standard output.</param>
/// <param name="Error">What it wrote to its standard error.</param>
public sealed record ExecResult(int ExitCode, string Output, string Error);
