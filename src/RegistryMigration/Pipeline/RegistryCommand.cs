using System.Management.Automation;
using RegistryMigration.Model;
using RegistryMigration.Stores;

namespace RegistryMigration.Pipeline;

/// <summary>The base of all cmdlets: runs asynchronous work, delivers its output on the pipeline thread, and ends it when the pipeline ends.</summary>
public abstract class RegistryCommand : PSCmdlet, ICommandPipeline, IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    /// <summary>The clock.</summary>
    internal TimeProvider Time { get; init; } = TimeProvider.System;

    /// <inheritdoc />
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the work and frees what it held.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _stop.Cancel();
        _stop.Dispose();
    }

    /// <summary>Only cancels; the pipeline thread waits for the work to end.</summary>
    protected sealed override void StopProcessing()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Ctrl-C came as the cmdlet ended by itself.
        }
    }

    /// <summary>Runs work until it ends; false when it failed (the error is written) or was stopped.</summary>
    private protected bool Run(object? target, Func<ICommandOutput, CancellationToken, Task> work) => CommandRun.Execute(this, work, target, _stop, Time);

    /// <summary>The path on disk of a path typed in PowerShell; null for null.</summary>
    private protected string? ResolveFile(string? path) => path is null ? null : PowerShellPath.Resolve(path, SessionState.Path);

    /// <summary>Ends the cmdlet: nothing it was asked for makes sense.</summary>
    private protected void Refuse(string id, string message, object? target = null) =>
        ThrowTerminatingError(new CommandError(id, ErrorCategory.InvalidArgument, message, null, target).ToRecord());

    /// <summary>Says on every use that nobody checks whom we talk to.</summary>
    private protected void WarnWhenUnchecked(TlsOptions tls, string name)
    {
        if (tls.SkipCertificateCheck)
            WriteWarning(UncheckedWarning(name));
    }

    /// <summary>What is said then.</summary>
    private protected static string UncheckedWarning(string name) =>
        $"The certificate of {name} is not checked: anybody on the way can read and change what is transferred, credentials included. Give the private CA with -CertificateAuthority instead.";

    /// <summary>Whether nothing is to be changed, only told.</summary>
    private protected bool IsWhatIf => MyInvocation.BoundParameters.TryGetValue("WhatIf", out var bound)
        ? bound is SwitchParameter { IsPresent: true }
        : LanguagePrimitives.IsTrue(SessionState.PSVariable.GetValue("WhatIfPreference"));

    void ICommandPipeline.WriteObject(object value) => WriteObject(value);

    void ICommandPipeline.WriteError(CommandError error) => WriteError(error.ToRecord());

    void ICommandPipeline.WriteWarning(string message) => WriteWarning(message);

    void ICommandPipeline.WriteVerbose(string message) => WriteVerbose(message);

    // A program that fails throws nothing by itself.
    IEnumerable<object?> ICommandPipeline.Invoke(ScriptBlock script)
    {
        const string code = "global:LASTEXITCODE";
        SessionState.PSVariable.Set(code, 0);
        var output = script.Invoke();
        return SessionState.PSVariable.GetValue(code) is int and not 0 and var ended ? throw new RuntimeException(FormattableString.Invariant($"the program ended with exit code {ended}.")) : output;
    }

    void ICommandPipeline.WriteProgress(ProgressNotice notice) => WriteProgress(new ProgressRecord(notice.Id, notice.Activity, notice.Status)
    {
        ParentActivityId = notice.Id == 0 ? -1 : 0,
        PercentComplete = notice.Percent,
        SecondsRemaining = notice.Remaining is { } remaining ? (int)Math.Min(remaining.TotalSeconds, int.MaxValue) : -1,
        RecordType = notice.Completed ? ProgressRecordType.Completed : ProgressRecordType.Processing,
    });
}
