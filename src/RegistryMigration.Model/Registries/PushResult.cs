namespace RegistryMigration.Model;

/// <summary>What came of trying to write to a registry.</summary>
public sealed record PushResult
{
    /// <summary>The registry, as an address without secrets.</summary>
    public required string Registry { get; init; }

    /// <summary>The repository that was written to.</summary>
    public required string Repository { get; init; }

    /// <summary>Whether a refusal was hoped for.</summary>
    public bool ExpectRefused { get; init; }

    /// <summary>What the registry did.</summary>
    public required WriteVerdict Verdict { get; init; }

    /// <summary>Writes are proven to be refused, whoever asks.</summary>
    public bool Refused => Verdict == WriteVerdict.Refused;

    /// <summary>The result is the one hoped for: refused, or pushed and pulled back unharmed.</summary>
    public bool Ok => ExpectRefused ? Refused : Verdict == WriteVerdict.Accepted && Pull is { Ok: true };

    /// <summary>The HTTP status that the verdict rests on; null where no answer came.</summary>
    public int? StatusCode { get; init; }

    /// <summary>What was concluded and why, in words, with the next step.</summary>
    public required string Message { get; init; }

    /// <summary>The probe image; null where none was pushed.</summary>
    public ImageReference? Reference { get; init; }

    /// <summary>The pull of the probe image; null where none was pushed.</summary>
    public PullResult? Pull { get; init; }

    /// <summary>What became of the probe image's manifest.</summary>
    public ProbeCleanup Cleanup { get; init; }

    /// <summary>What the probe left in the registry, in words; null where it left nothing but blobs for the next garbage collection.</summary>
    public string? Leftover { get; init; }

    /// <summary>Time from the first request to the last answer.</summary>
    public TimeSpan Duration { get; init; }
}

/// <summary>What a write probe shows.</summary>
public enum WriteVerdict
{
    /// <summary>The registry takes writes.</summary>
    Accepted,

    /// <summary>The registry refuses writes because it is read-only.</summary>
    Refused,

    /// <summary>Neither is shown: who asked was not let in, or the registry failed.</summary>
    Unproven,
}

/// <summary>What became of what a probe wrote.</summary>
public enum ProbeCleanup
{
    /// <summary>Nothing was written.</summary>
    NotNeeded,

    /// <summary>It was deleted.</summary>
    Deleted,

    /// <summary>The registry does not allow deletion (405).</summary>
    DeletionDisabled,

    /// <summary>Deleting failed.</summary>
    Failed,
}
