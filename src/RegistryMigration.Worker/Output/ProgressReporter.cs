using System.Text.Json;
using RegistryMigration.Model;
using RegistryMigration.Worker.Configuration;

namespace RegistryMigration.Worker.Output;

/// <summary>Tells progress, warnings and errors, in the way that was asked for.</summary>
internal sealed class ProgressReporter : IProgress<SyncProgress>, IProgress<AuditProgress>, IDisposable
{
    // Where lines can't be rewritten a log should not fill with them.
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly ProgressMode _mode;
    private readonly TextWriter _writer;
    private readonly TextWriter _error;
    private readonly int? _columns;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private long? _lastLine;
    private bool _lineShown;

    private ProgressReporter(ProgressMode mode, TextWriter writer, TextWriter error, int? columns, TimeSpan interval, TimeProvider time)
    {
        _mode = mode;
        _writer = writer;
        _error = error;
        _columns = columns;
        _interval = interval;
        _time = time;
    }

    /// <summary>Opens standard error or the file.</summary>
    /// <param name="mode">How progress is told; null decides by where it goes.</param>
    /// <param name="file">The file; null is standard error.</param>
    /// <param name="interval">The least time between two lines of JSON progress.</param>
    /// <param name="host">Streams and clock.</param>
    /// <exception cref="UsageException">The file can't be written.</exception>
    public static ProgressReporter Open(ProgressMode? mode, string? file, TimeSpan interval, WorkerHost host)
    {
        if (file is null)
            return new ProgressReporter(mode ?? (host.ErrorColumns is null ? ProgressMode.None : ProgressMode.Text), host.Error, host.Error, host.ErrorColumns, interval, host.Time);
        try
        {
            var writer = new StreamWriter(file, append: false) { AutoFlush = true };
            return new ProgressReporter(mode ?? ProgressMode.Json, writer, host.Error, null, interval, host.Time);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The progress file '{file}' can't be written: {e.Message}");
        }
    }

    /// <inheritdoc />
    public void Report(SyncProgress value)
    {
        if (_mode == ProgressMode.Json)
            WriteProgress(JsonSerializer.Serialize(value, WorkerJson.Default.SyncProgress));
        else if (_mode == ProgressMode.Text)
            WriteText(ProgressText.Of(value));
    }

    /// <inheritdoc />
    public void Report(AuditProgress value)
    {
        if (_mode == ProgressMode.Json)
            WriteProgress(JsonSerializer.Serialize(value, WorkerJson.Default.AuditProgress));
        else if (_mode == ProgressMode.Text)
            WriteText(ProgressText.Of(value));
    }

    /// <summary>Tells of something that stops nothing.</summary>
    public void Warn(string message) => Note($"warning: {message}", new Notice(Warning: message));

    /// <summary>Tells what ended the run.</summary>
    public void Fail(string message, StoreErrorKind? kind) => Note($"error: {message}", new Notice(Error: message, Kind: kind));

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_gate)
        {
            ClearLine();
            if (_writer != _error)
                _writer.Dispose();
        }
    }

    // People read standard error; a program that asked for JSON lines reads them wherever they go.
    private void Note(string text, Notice notice)
    {
        if (_mode == ProgressMode.Json)
            WriteJson(JsonSerializer.Serialize(notice, WorkerJson.Default.Notice));
        if (_mode == ProgressMode.Json && _writer == _error)
            return;
        lock (_gate)
        {
            ClearLine();
            _error.WriteLine(text);
        }
    }

    private void WriteJson(string line)
    {
        lock (_gate)
            _writer.WriteLine(line);
    }

    // The log of a container is kept and shipped: a line every few seconds tells as much there.
    private void WriteProgress(string line)
    {
        lock (_gate)
        {
            if (_interval > TimeSpan.Zero && _lastLine is { } last && _time.GetElapsedTime(last) < _interval)
                return;
            _lastLine = _time.GetTimestamp();
            _writer.WriteLine(line);
        }
    }

    private void WriteText(string line)
    {
        lock (_gate)
        {
            if (_columns is { } columns)
            {
                _writer.Write($"\r{(line.Length < columns ? line : line[..(columns - 1)])}\e[K");
                _lineShown = true;
            }
            else if (_lastLine is not { } last || _time.GetElapsedTime(last) >= LogInterval)
            {
                _lastLine = _time.GetTimestamp();
                _writer.WriteLine(line);
            }
        }
    }

    private void ClearLine()
    {
        if (_lineShown)
            _writer.Write("\r\e[K");
        _lineShown = false;
    }
}
