using System.Text.Json;
using System.Text.Json.Serialization;
using RegistryMigration.Model;

namespace RegistryMigration.Engine.Journal;

/// <summary>What a record tells.</summary>
public enum JournalRecordKind
{
    /// <summary>The first record: what migration this is.</summary>
    Migration,

    /// <summary>A step in its new state.</summary>
    Step,

    /// <summary>A pass.</summary>
    Pass,

    /// <summary>The migration was ended.</summary>
    Completed,

    /// <summary>The journal on this machine was brought up to date from the copy beside the registry.</summary>
    Restored,
}

/// <summary>One line of a journal.</summary>
public sealed record JournalRecord
{
    /// <summary>Counts from 1 within the migration. A journal that was rebuilt from a folded copy has gaps.</summary>
    public required long Sequence { get; init; }

    /// <summary>Drawn at random: two copies that have different ids at one place have gone different ways.</summary>
    public required string Id { get; init; }

    /// <summary>What it tells.</summary>
    public required JournalRecordKind Kind { get; init; }

    /// <summary>When it was written (UTC).</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who wrote it: user@machine.</summary>
    public required string By { get; init; }

    /// <summary>Of <see cref="JournalRecordKind.Migration"/>.</summary>
    public JournalHeader? Migration { get; init; }

    /// <summary>Of <see cref="JournalRecordKind.Step"/>: the whole step, so that the last record of a step is all that is needed of it.</summary>
    public MigrationStep? Step { get; init; }

    /// <summary>Of <see cref="JournalRecordKind.Pass"/>.</summary>
    public MigrationPass? Pass { get; init; }

    /// <summary>Of <see cref="JournalRecordKind.Restored"/>: the ids of all records before it, since some of them may have been folded away.</summary>
    public string? Chain { get; init; }

    /// <summary>The record as one line, without its end.</summary>
    public string ToLine() => JsonSerializer.Serialize(this, JournalJson.Default.JournalRecord);
}

/// <summary>What migration a journal is about.</summary>
public sealed record JournalHeader
{
    /// <summary>The version of the format that this program writes, and the newest that it reads.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The version of the journal's format.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>Tells the migration from every other one.</summary>
    public required string MigrationId { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What is migrated.</summary>
    public required string System { get; init; }

    /// <summary>The API server, where the registry runs in a cluster.</summary>
    public Uri? Server { get; init; }

    /// <summary>The namespace of the copy.</summary>
    public string? Namespace { get; init; }

    /// <summary>Which registry of the namespace, where the system has several.</summary>
    public string? Instance { get; init; }

    /// <summary>The registry's configuration file, where it runs in no cluster.</summary>
    public string? ConfigurationPath { get; init; }

    /// <summary>The address of the old storage.</summary>
    public string? Source { get; init; }

    /// <summary>The address of the new storage.</summary>
    public string? Destination { get; init; }

    /// <summary>The version of the module that made it.</summary>
    public required string ModuleVersion { get; init; }
}

/// <summary>JSON of journals: one line a record, times as ISO 8601, names in camel case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(JournalRecord))]
internal sealed partial class JournalJson : JsonSerializerContext;
